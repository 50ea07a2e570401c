const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/** The hash Kafka's Java clients choose a keyed record's partition by: non-negative, 31 bits. The native kernel is `pipeline/murmur2.h`. */
export function keyHash(key: Uint8Array): number {
  let hash = seed ^ key.length;
  const whole = key.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let word = key[i]! | (key[i + 1]! << 8) | (key[i + 2]! << 16) | (key[i + 3]! << 24);
    word = Math.imul(word, multiplier);
    word = Math.imul(word ^ (word >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  const left = key.length - whole;
  if (left > 2) hash ^= key[whole + 2]! << 16;
  if (left > 1) hash ^= key[whole + 1]! << 8;
  if (left > 0) hash = Math.imul(hash ^ key[whole]!, multiplier);
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return (hash ^ (hash >>> 15)) & 0x7fffffff;
}
