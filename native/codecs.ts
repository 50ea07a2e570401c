/** Compression of record batches and bounded decompression of what peers send: the typed face of the Rust addon. */
import { loadAddon } from './load.js';

export type CodecName = 'zstd' | 'lz4' | 'gzip';

/** Bounds and defaults of each codec's level, also for checking settings. */
export const codecLevels: Readonly<Record<CodecName, { min: number; max: number; default: number }>> = {
  zstd: { min: -7, max: 19, default: 1 },
  lz4: { min: 0, max: 12, default: 0 },
  gzip: { min: 0, max: 9, default: 1 },
};

/** zstd parameters beyond the level; those left out are the level's own. Logarithms to base 2. */
export interface ZstdTuning {
  readonly windowLog?: number;
  readonly hashLog?: number;
  readonly chainLog?: number;
  readonly searchLog?: number;
  readonly minMatch?: number;
  readonly targetLength?: number;
  /** 1 (fast) to 9 (btultra2). */
  readonly strategy?: number;
}

/** A codec refused: `TOO_LARGE`, `WINDOW_TOO_LARGE` (of a zstd frame), `CORRUPT`, `TRUNCATED` and `NO_DICTIONARY` (a frame's, which is not here) speak of the bytes, the others of the call. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
  constructor(
    readonly code:
      | 'TOO_LARGE'
      | 'WINDOW_TOO_LARGE'
      | 'CORRUPT'
      | 'TRUNCATED'
      | 'NO_DICTIONARY'
      | 'BAD_PARAMETER'
      | 'OUT_OF_MEMORY'
      | 'INTERNAL',
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** A reusable compression context; it belongs to the thread that made it. */
export class Compressor {
  readonly codec: CodecName;
  readonly #native: NativeCompressor;

  /** @throws CodecError BAD_PARAMETER, OUT_OF_MEMORY */
  constructor(codec: CodecName, level: number = codecLevels[codec].default, tuning: ZstdTuning = {}) {
    const { min, max } = codecLevels[codec];
    if (!Number.isInteger(level) || level < min || level > max) {
      throw new CodecError('BAD_PARAMETER', `${codec} level ${level} is not a whole number from ${min} to ${max}`);
    }
    this.codec = codec;
    this.#native = typedErrors(() => new (addon().Compressor)(codec, level, tuning));
  }

  /** Other level from the next call on. @throws CodecError BAD_PARAMETER */
  setLevel(level: number): void {
    typedErrors(() => this.#native.setLevel(level));
  }

  /**
   * Compresses `srcLength` bytes into one frame at `dstOffset`. The ranges must not overlap. Both arrays may lie in
   * shared memory that nobody else touches during the call. Allocates nothing.
   * @returns bytes written; −1 when `dst` has no room (room for `compressBound` bytes is always enough)
   */
  compressInto(src: Uint8Array, srcOffset: number, srcLength: number, dst: Uint8Array, dstOffset: number): number {
    return this.#native.compressInto(src, srcOffset, srcLength, dst, dstOffset);
  }
}

/** Bytes of output that are always enough for `bytes` of input. */
export function compressBound(codec: CodecName, bytes: number): number {
  return addon().compressBound(codec, bytes);
}

/** Whether so many bytes at `offset` look compressed or encrypted already: a histogram of up to 4 KiB of them. */
export function incompressible(bytes: Uint8Array, offset: number, length: number): boolean {
  return addon().incompressible(bytes, offset, length);
}

/** Decompresses zstd frames into at most `maxBytes`. @throws CodecError */
export function zstdDecompressBounded(input: Uint8Array, maxBytes: number): Buffer {
  return typedErrors(() => addon().zstdDecompressBounded(input, checkedLimit(maxBytes)));
}

/** Decompresses LZ4 frames (not bare blocks) into at most `maxBytes`. @throws CodecError */
export function lz4FrameDecompressBounded(input: Uint8Array, maxBytes: number): Buffer {
  return typedErrors(() => addon().lz4FrameDecompressBounded(input, checkedLimit(maxBytes)));
}

/** Decompresses gzip members into at most `maxBytes`. @throws CodecError */
export function gzipDecompressBounded(input: Uint8Array, maxBytes: number): Buffer {
  return typedErrors(() => addon().gzipDecompressBounded(input, checkedLimit(maxBytes)));
}

interface NativeCompressor {
  setLevel(level: number): void;
  compressInto(src: Uint8Array, srcOffset: number, srcLength: number, dst: Uint8Array, dstOffset: number): number;
}
interface CodecsAddon {
  readonly Compressor: new (codec: string, level: number, tuning: ZstdTuning) => NativeCompressor;
  compressBound(codec: string, bytes: number): number;
  incompressible(src: Uint8Array, srcOffset: number, srcLength: number): boolean;
  zstdDecompressBounded(input: Uint8Array, maxBytes: number): Buffer;
  lz4FrameDecompressBounded(input: Uint8Array, maxBytes: number): Buffer;
  gzipDecompressBounded(input: Uint8Array, maxBytes: number): Buffer;
}

function addon(): CodecsAddon {
  return loadAddon<CodecsAddon>('penstock_codecs');
}

const outputBytesMax = 2 ** 31 - 1;

function checkedLimit(maxBytes: number): number {
  if (Number.isInteger(maxBytes) && maxBytes >= 0 && maxBytes <= outputBytesMax) return maxBytes;
  throw new CodecError(
    'BAD_PARAMETER',
    `a limit of ${maxBytes} bytes is not a whole number from 0 to ${outputBytesMax}`,
  );
}

const nativeCodes: ReadonlySet<unknown> = new Set([
  'TOO_LARGE',
  'WINDOW_TOO_LARGE',
  'CORRUPT',
  'TRUNCATED',
  'BAD_PARAMETER',
  'OUT_OF_MEMORY',
  'NO_DICTIONARY',
]);

/** Runs a call of the Rust addon; what it throws becomes a CodecError. */
export function typedErrors<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    if (cause instanceof CodecError || cause.name === 'AddonError') throw cause;
    const code = nativeCodes.has(cause.code) ? (cause.code as CodecError['code']) : 'INTERNAL';
    throw new CodecError(code, cause.message, { cause });
  }
}
