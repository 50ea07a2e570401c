import { crc32c } from '../../../native/journal.js';
import type { SendEntry } from './send-log.js';

/**
 * One record of the send log, 352 bytes, little endian:
 *
 *   0 crc32c of 4…351   4 format (2)   6 kind (1 stamp, 2 void, 3 stored)   8 lane u32   12 count u32   16 segment u64   24 offset u64
 *  32 producer id i64  40 epoch i16   44 base sequence i32  48 partition i32  52 crc of the stored batch  56 stamped at u64 ms
 *  64 first u32  72 after i64  80 topic id (16 bytes)  96 topic length u8  97 topic (at most 249 bytes)  rest zero
 */
export const sendRecordBytes = 352;
const format = 2;

export function encodeRecord(entry: SendEntry): Buffer {
  const record = Buffer.alloc(sendRecordBytes);
  record.writeUInt16LE(format, 4);
  record.writeUInt16LE(entry.stored === true ? 3 : entry.void ? 2 : 1, 6);
  record.writeUInt32LE(entry.position.lane, 8);
  record.writeUInt32LE(entry.count, 12);
  record.writeBigUInt64LE(BigInt(entry.position.segment), 16);
  record.writeBigUInt64LE(BigInt(entry.position.offset), 24);
  record.writeBigInt64LE(entry.stamp.producerId, 32);
  record.writeInt16LE(entry.stamp.epoch, 40);
  record.writeInt32LE(entry.stamp.baseSequence, 44);
  record.writeInt32LE(entry.partition, 48);
  record.writeUInt32LE(entry.crc, 52);
  record.writeBigUInt64LE(BigInt(entry.stampedAt), 56);
  record.writeUInt32LE(entry.first, 64);
  record.writeBigInt64LE(entry.after, 72);
  record.write(entry.topicId, 80, 16, 'hex');
  record[96] = record.write(entry.topic, 97, 249, 'utf8');
  record.writeUInt32LE(crc32c(record.subarray(4)), 0);
  return record;
}

/** Null when the checksum or the format is wrong. */
export function decodeRecord(record: Buffer): SendEntry | null {
  if (record.readUInt32LE(0) !== crc32c(record.subarray(4)) || record.readUInt16LE(4) !== format) return null;
  return {
    position: {
      lane: record.readUInt32LE(8),
      segment: Number(record.readBigUInt64LE(16)),
      offset: Number(record.readBigUInt64LE(24)),
    },
    first: record.readUInt32LE(64),
    count: record.readUInt32LE(12),
    stamp: {
      producerId: record.readBigInt64LE(32),
      epoch: record.readInt16LE(40),
      baseSequence: record.readInt32LE(44),
    },
    partition: record.readInt32LE(48),
    crc: record.readUInt32LE(52),
    stampedAt: Number(record.readBigUInt64LE(56)),
    after: record.readBigInt64LE(72),
    topicId: record.toString('hex', 80, 96),
    topic: record.toString('utf8', 97, 97 + record[96]!),
    void: record.readUInt16LE(6) === 2,
    ...(record.readUInt16LE(6) === 3 ? { stored: true } : {}),
  };
}
