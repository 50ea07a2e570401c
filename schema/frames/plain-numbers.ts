/** Numbers of JavaScript's where they are exact: a bigint costs an allocation a step. */

/** Sums of a few such numbers are exact in plain arithmetic. NaN is none. */
export function isPlain(value: number): boolean {
  return value > -(2 ** 51) && value < 2 ** 51;
}

export const plainBits = 51;

const exactMax = 2 ** 52;
const lowSteps = 2 ** 22;
const highSteps = 2 ** 10;
const wordSteps = 2 ** 32;
const big = new BigInt64Array(1);
const words = new Uint32Array(big.buffer);
const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** value · scale, modulo 2⁶⁴ as a signed number; `scale` is at most 10⁹, a number plain. */
export function scaledBigint(value: number | bigint, scale: number): bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value * BigInt(scale));
  const product = value * scale;
  if (product > -exactMax && product < exactMax) return BigInt(product);
  const high = Math.floor(value / lowSteps);
  const scaledHigh = high * scale;
  if (!littleEndian || !(scaledHigh > -exactMax && scaledHigh < exactMax)) return scaledBigint(BigInt(value), scale);
  // Two words of 32 bits, each of exact sums.
  const low = (value - high * lowSteps) * scale;
  const top = Math.floor(scaledHigh / highSteps);
  const sum = (scaledHigh - top * highSteps) * lowSteps + low;
  words[0] = sum % wordSteps;
  words[1] = top + Math.floor(sum / wordSteps);
  return big[0] as bigint;
}
