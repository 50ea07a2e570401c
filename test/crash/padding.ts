import { randomFillSync } from 'node:crypto';

// Bytes that do not compress, so that segments fill and batches are as large as real ones.
const text = randomFillSync(Buffer.alloc(3 * 4096)).toString('base64url');

/** Text of some length; another one for another number. */
export function padding(number: number, length: number): string {
  const at = (number * 37) % (text.length - length);
  return text.slice(at, at + length);
}
