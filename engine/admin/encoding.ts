/** Bodies of answers in the coding that the peer prefers (RFC 9110 section 12.5.3). */
import { Compressor, compressBound } from '../../native/codecs.js';

export type AnswerCoding = 'zstd' | 'gzip';

/** As batches: below this, and for less gain than this, a body stays as it is. */
const bytesMin = 1024;
const gainMin = 0.1;
/** Scrapes come from near by, and often: the fast levels. */
const levels: Readonly<Record<AnswerCoding, number>> = { zstd: 1, gzip: 1 };
const acceptBytesMax = 1024;

/** The best coding of those that both know; null: as it is. At equal weight zstd, which costs less. */
export function preferredCoding(acceptEncoding: string | undefined): AnswerCoding | null {
  if (acceptEncoding === undefined || acceptEncoding.length > acceptBytesMax) return null;
  const weights = new Map<string, number>();
  for (const part of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((each) => each.trim());
    const q = parameters.find((each) => each.startsWith('q='))?.slice(2) ?? '1';
    weights.set(name === 'x-gzip' ? 'gzip' : name, /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? Number(q) : 0);
  }
  const weightOf = (name: string) => weights.get(name) ?? weights.get('*') ?? 0;
  const [zstd, gzip] = [weightOf('zstd'), weightOf('gzip')];
  if (Math.max(zstd, gzip) === 0 || Math.max(zstd, gzip) < (weights.get('identity') ?? 0)) return null;
  return zstd >= gzip ? 'zstd' : 'gzip';
}

/** One context of each coding, made when it is first asked for, and one piece of memory for what comes out. */
export class AnswerEncoder {
  readonly #contexts = new Map<AnswerCoding, Compressor>();
  #room = new Uint8Array(0);

  /** null: it is too small, or does not shrink enough. The bytes are a copy. */
  encode(body: Uint8Array, coding: AnswerCoding): Buffer | null {
    if (body.length < bytesMin) return null;
    const context = this.#contexts.get(coding) ?? new Compressor(coding, levels[coding]);
    this.#contexts.set(coding, context);
    const bound = compressBound(coding, body.length);
    if (this.#room.length < bound) this.#room = new Uint8Array(bound);
    const size = context.compressInto(body, 0, body.length, this.#room, 0);
    return size > body.length * (1 - gainMin) ? null : Buffer.from(this.#room.subarray(0, size));
  }
}
