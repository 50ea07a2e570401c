/** CRC-32C, eight bytes a step. */

const steps = 8;

/** Remainders of a byte with 0 to 7 bytes behind it. */
const table = new Int32Array(steps * 256);
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  table[n] = c;
}
for (let i = 256; i < table.length; i++) {
  const before = table[i - 256] as number;
  table[i] = (table[before & 255] as number) ^ (before >>> 8);
}

/** Of the bytes `from` to `to`, to go on from `before`. */
export function crc32c(bytes: Uint8Array, before = 0, from = 0, to: number = bytes.length): number {
  const at = (i: number) => bytes[i] as number;
  const behind = (byte: number, left: number) => table[left * 256 + byte] as number;
  let crc = ~before;
  let i = from;
  for (const end = to - steps; i <= end; i += steps) {
    const four = crc ^ (at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24));
    crc =
      behind(four & 255, 7) ^
      behind((four >>> 8) & 255, 6) ^
      behind((four >>> 16) & 255, 5) ^
      behind(four >>> 24, 4) ^
      behind(at(i + 4), 3) ^
      behind(at(i + 5), 2) ^
      behind(at(i + 6), 1) ^
      behind(at(i + 7), 0);
  }
  for (; i < to; i++) crc = behind((crc ^ at(i)) & 255, 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
