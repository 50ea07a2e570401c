/**
 * CRC-32C of a message of which a few bytes changed, without reading the rest: a CRC is linear over GF(2), so the new CRC is
 * the old one xor the raw CRC of (old bytes xor new bytes) advanced over the bytes that follow. Multiplication modulo the
 * polynomial as in zlib's crc32_combine. Besides saving a pass over every batch this keeps the check end to end: a batch
 * damaged in memory or on disk still has a wrong CRC when it reaches the broker.
 */
const polynomial = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let c = i;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ polynomial : c >>> 1;
  return c;
});

/** x^(2^k) modulo the polynomial, reflected. */
const powers = (() => {
  const values = new Uint32Array(32);
  let p = 1 << 30;
  for (let k = 0; k < 32; k++) {
    values[k] = p;
    p = multiply(p, p);
  }
  return values;
})();

function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= b;
    b = b & 1 ? (b >>> 1) ^ polynomial : b >>> 1;
  }
  return product;
}

/** The CRC after `bytes` zero bytes, without the inversions of the full CRC. */
function advance(crc: number, bytes: number): number {
  let result = crc;
  for (let k = 3, rest = bytes; rest > 0; k++, rest = Math.floor(rest / 2))
    if (rest & 1) result = multiply(powers[k & 31]!, result);
  return result;
}

/**
 * The CRC-32C after `bytes[from … from+difference.length)` was xor-ed with `difference`.
 * @param crc of the message before the change
 * @param difference old bytes xor new bytes
 * @param after number of bytes of the message behind the changed ones
 */
export function patchCrc32c(crc: number, difference: Uint8Array, after: number): number {
  let raw = 0;
  for (const byte of difference) raw = (raw >>> 8) ^ table[(raw ^ byte) & 255]!;
  return (crc ^ advance(raw, after)) >>> 0;
}
