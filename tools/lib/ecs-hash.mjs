// A perfect hash of the ECS names: hash and displace. The hash is the one of native/src/kernels/ecs_lookup.cc.

const mask = (1n << 64n) - 1n;
const factor = 0x9e3779b97f4a7c15n;
const bucketBits = 10;
const slotBits = 12;

/** 64-bit hash of an ASCII name; eight bytes at a time, the last eight overlapping. */
export function hashName(name) {
  const bytes = Buffer.from(name, 'latin1');
  const size = bytes.length;
  const mix = (h, word) => {
    const product = ((h ^ word) * factor) & mask;
    return product ^ (product >> 32n);
  };
  let h = BigInt(size);
  if (size >= 8) {
    for (let i = 0; i + 8 < size; i += 8) h = mix(h, bytes.readBigUInt64LE(i));
    return mix(h, bytes.readBigUInt64LE(size - 8));
  }
  if (size >= 4) return mix(h, BigInt(bytes.readUInt32LE(0)) | (BigInt(bytes.readUInt32LE(size - 4)) << 32n));
  if (size === 0) return mix(h, 0n);
  return mix(h, BigInt(bytes[0]) | (BigInt(bytes[size >> 1]) << 8n) | (BigInt(bytes[size - 1]) << 16n));
}

/** Finds, largest bucket first, a displacement that puts every name of the bucket into a free slot. */
export function perfectHash(names) {
  const buckets = Array.from({ length: 1 << bucketBits }, () => []);
  names.forEach((name, field) => {
    const h = hashName(name);
    buckets[Number(h >> BigInt(64 - bucketBits))].push({ field, h });
  });
  const displacement = new Uint16Array(1 << bucketBits);
  const slots = new Uint32Array(1 << slotBits).fill(0xffff);
  const order = buckets.map((_, i) => i).sort((a, b) => buckets[b].length - buckets[a].length || a - b);
  for (const b of order) {
    if (buckets[b].length === 0) continue;
    const d = findDisplacement(buckets[b], slots);
    displacement[b] = d;
    for (const { field, h } of buckets[b]) slots[slotOf(h, d)] = fingerprint(h) * 65536 + field;
  }
  return { bucketBits, slotBits, displacement, slots };
}

function findDisplacement(bucket, slots) {
  for (let d = 0; d < 65536; d++) {
    const places = bucket.map(({ h }) => slotOf(h, d));
    if (new Set(places).size === places.length && places.every((p) => slots[p] === 0xffff)) return d;
  }
  throw new Error('no perfect hash: raise slotBits in tools/lib/ecs-hash.mjs');
}

/** slot = (low 32 bits + d × (bits 32 to 53, made odd)) mod slots */
function slotOf(h, d) {
  const low = Number(h & 0xffffffffn);
  const step = Number((h >> 32n) & 0x3fffffn) | 1;
  return Number((BigInt(low) + BigInt(d) * BigInt(step)) & BigInt((1 << slotBits) - 1));
}

const fingerprint = (h) => Number((h >> 16n) & 0xffffn);
