/**
 * Records of the request log: 64 bytes each, little-endian.
 *
 *   0  4  CRC-32C of bytes 4 to 63
 *   4  1  type: 1 a piece is about to be handed over, 2 the first pieces are stored
 *   6  2  ring                                   (2: 0)
 *   8  4  boot                                   (2: 0)
 *  12  4  events in the piece                    (2: in those pieces)
 *  16  8  chunk, IEEE double                     (2: 0)
 *  24  8  time, ms since 1970, IEEE double
 *  32 16  digest of scope and key
 *  48  2  number of the piece, from 0            (2: how many are stored)
 *  50  2  pieces of the request
 *  52  2  lane                                   (2: 0)
 *  56  8  digest of the body
 */
import { crc32c } from '../../native/journal.js';

export const recordBytes = 64;
export const keyBytes = 16;
export const digestBytes = 8;

export interface RequestRecord {
  readonly type: 'piece' | 'stored';
  /** Hexadecimal. */
  readonly key: string;
  readonly digest: string;
  readonly timeMs: number;
  readonly pieces: number;
  /** Of a piece: its number; else how many are stored. */
  readonly piece: number;
  readonly events: number;
  readonly boot: number;
  readonly lane: number;
  readonly ring: number;
  readonly chunk: number;
}

export function encodeRecord(record: RequestRecord, into = Buffer.alloc(recordBytes)): Buffer {
  into.fill(0);
  into.writeUInt8(record.type === 'piece' ? 1 : 2, 4);
  into.writeUInt16LE(record.ring, 6);
  into.writeUInt32LE(record.boot, 8);
  into.writeUInt32LE(record.events, 12);
  into.writeDoubleLE(record.chunk, 16);
  into.writeDoubleLE(record.timeMs, 24);
  into.write(record.key, 32, keyBytes, 'hex');
  into.writeUInt16LE(record.piece, 48);
  into.writeUInt16LE(record.pieces, 50);
  into.writeUInt16LE(record.lane, 52);
  into.write(record.digest, 56, digestBytes, 'hex');
  into.writeUInt32LE(crc32c(into.subarray(4)), 0);
  return into;
}

/** Every undamaged record of a file; a torn end is left out. */
export function* decodeRecords(file: Buffer): Generator<RequestRecord> {
  for (let at = 0; at + recordBytes <= file.length; at += recordBytes) {
    const bytes = file.subarray(at, at + recordBytes);
    const type = bytes.readUInt8(4);
    if ((type !== 1 && type !== 2) || bytes.readUInt32LE(0) !== crc32c(bytes.subarray(4))) continue;
    yield {
      type: type === 1 ? 'piece' : 'stored',
      ring: bytes.readUInt16LE(6),
      boot: bytes.readUInt32LE(8),
      events: bytes.readUInt32LE(12),
      chunk: bytes.readDoubleLE(16),
      timeMs: bytes.readDoubleLE(24),
      key: bytes.toString('hex', 32, 32 + keyBytes),
      piece: bytes.readUInt16LE(48),
      pieces: bytes.readUInt16LE(50),
      lane: bytes.readUInt16LE(52),
      digest: bytes.toString('hex', 56, 56 + digestBytes),
    };
  }
}
