/** Bodies out of their Content-Encoding, bounded (RFC 9110 section 8.4). */
import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib';
import { CodecError, zstdDecompressBounded } from '../../../native/codecs.js';
import { Refusal } from './refusal.js';

export type Coding = 'identity' | 'gzip' | 'deflate' | 'zstd';

export interface DecodingLimits {
  readonly bodyBytesMax: number;
  readonly compressionRatioMax: number;
}

/** Whatever the ratio, a small body may become this large. */
const alwaysAllowed = 1024 * 1024;
const supported = 'gzip, deflate, zstd, identity';

/** One coding; a chain of codings is refused, for each link multiplies what a bomb yields. */
export function contentCoding(header: string | undefined): Coding {
  const name = (header ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return 'identity';
  if (name === 'gzip' || name === 'x-gzip') return 'gzip';
  if (name === 'deflate' || name === 'zstd') return name;
  throw new Refusal(415, `Content-Encoding ${name} is not supported: send one of ${supported}`, {
    'accept-encoding': supported,
  });
}

/** Largest output a body of `bytes` may have. */
export function decodedBytesMax(bytes: number, limits: DecodingLimits): number {
  return Math.min(limits.bodyBytesMax, Math.max(alwaysAllowed, bytes * limits.compressionRatioMax));
}

export async function decode(body: Buffer, coding: Coding, limits: DecodingLimits): Promise<Buffer> {
  if (coding === 'identity' || body.length === 0) return body;
  const most = decodedBytesMax(body.length, limits);
  try {
    if (coding === 'zstd') return zstdDecompressBounded(body, most);
    return await unzip(coding === 'gzip' ? gunzip : hasZlibHeader(body) ? inflate : inflateRaw, body, most);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (isTooLarge(error)) throw new Refusal(413, `the ${coding} body is larger than ${most} bytes when decompressed`);
    if (error instanceof CodecError && error.code === 'WINDOW_TOO_LARGE') throw new Refusal(413, error.message);
    if (!isMalformed(error)) throw error;
    throw new Refusal(400, `the body is not valid ${coding}`);
  }
}

/**
 * `deflate` is zlib (RFC 9110 section 8.4.1.2), but many clients send the bare stream within (RFC 1951). No encoder begins one so: it would be a
 * stored block with padding that is not zero.
 */
function hasZlibHeader([method = 0, flags = 0]: Buffer): boolean {
  return (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0;
}

type Unzip = (buffer: Buffer, options: ZlibOptions, callback: (error: Error | null, result: Buffer) => void) => void;

async function unzip(method: Unzip, body: Buffer, most: number): Promise<Buffer> {
  // `info` makes the result { buffer, engine }: the engine tells how much of the body it read.
  const run = promisify(method) as unknown as (buffer: Buffer, options: ZlibOptions) => Promise<WithEngine>;
  const { buffer, engine } = await run(body, { maxOutputLength: most, chunkSize: 64 * 1024, info: true });
  if (engine.bytesWritten !== body.length) throw new Refusal(400, 'bytes follow the end of the compressed body');
  return buffer;
}

interface WithEngine {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** zlib's codes begin with Z_ (zlib manual, return values). */
function isMalformed(error: unknown): boolean {
  if (error instanceof CodecError) return error.code === 'CORRUPT' || error.code === 'TRUNCATED';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && code.startsWith('Z_') && code !== 'Z_MEM_ERROR';
}

function isTooLarge(error: unknown): boolean {
  if (error instanceof CodecError) return error.code === 'TOO_LARGE';
  return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
}
