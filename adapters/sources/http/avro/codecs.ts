/** Blocks of container files out of their codec, bounded. */
import { crc32, inflateRawSync } from 'node:zlib';
import { snappyDecompress } from '../../../../native/avro.js';
import { CodecError, zstdDecompressBounded } from '../../../../native/codecs.js';

export type Decompressed = Buffer | 'malformed' | 'too_large';
type Decompress = (block: Buffer, bytesMax: number) => Decompressed;

/** By `avro.codec` (Avro 1.12, "Required Codecs", "Optional Codecs"). */
export const avroCodecs: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ['null', (block, bytesMax) => (block.length > bytesMax ? 'too_large' : block)],
  ['deflate', (block, bytesMax) => caught(() => inflateRawSync(block, { maxOutputLength: bytesMax }))],
  ['zstandard', (block, bytesMax) => caught(() => zstdDecompressBounded(block, bytesMax))],
  ['snappy', snappy],
]);

const checksumBytes = 4;

/** Behind the block stands the CRC-32 of what it becomes, big-endian. */
function snappy(block: Buffer, bytesMax: number): Decompressed {
  if (block.length < checksumBytes) return 'malformed';
  const end = block.length - checksumBytes;
  const plain = snappyDecompress(block.subarray(0, end), bytesMax);
  if (typeof plain === 'string') return plain;
  return crc32(plain) === block.readUInt32BE(end) ? plain : 'malformed';
}

function caught(decompress: () => Buffer): Decompressed {
  try {
    return decompress();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'TOO_LARGE' || code === 'ERR_BUFFER_TOO_LARGE') return 'too_large';
    const malformed = error instanceof CodecError || (typeof code === 'string' && code.startsWith('Z_'));
    if (malformed && code !== 'Z_MEM_ERROR' && code !== 'OUT_OF_MEMORY') return 'malformed';
    throw error;
  }
}
