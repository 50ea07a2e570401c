import { patchCrc32c } from './crc32c-patch.js';

/** What makes a batch idempotent: who sends it, and its place in the producer's sequence of this partition. */
export interface Stamp {
  readonly producerId: bigint;
  readonly epoch: number;
  readonly baseSequence: number;
  /** Part of a transaction. */
  readonly transactional?: boolean;
}

/** Length of a RecordBatch v2's header (up to and with the record count). */
export const batchHeaderBytes = 61;
const crcAt = 17;
/** Low byte of the attributes. */
const attributesAt = 22;
const transactionalFlag = 0x10;
/** Of the newest record: ms since the epoch. */
export const maxTimestampAt = 35;
const producerIdAt = 43;
const baseSequenceAt = 53;
const countAt = 57;
const stampBytes = countAt - producerIdAt;

/** CRC-32C that the stored batch carries. */
export function storedCrc(batch: Buffer): number {
  return batch.readUInt32BE(crcAt);
}
/** Number of records as the batch itself says. */
export function storedCount(batch: Buffer): number {
  return batch.readInt32BE(countAt);
}

/**
 * The stamped header of `batch` (the first 61 bytes, as a copy): base offset 0, producer id, epoch, base sequence and the CRC that belongs
 * to them. The batch itself is not touched: the journal's bytes stay as they are.
 */
export function stampHeader(batch: Buffer, stamp: Stamp): Buffer {
  const header = Buffer.allocUnsafe(batchHeaderBytes);
  batch.copy(header, 0, 0, batchHeaderBytes);
  header.writeBigInt64BE(stamp.producerId, producerIdAt);
  header.writeInt16BE(stamp.epoch, producerIdAt + 8);
  header.writeInt32BE(stamp.baseSequence, baseSequenceAt);
  const difference = new Uint8Array(stampBytes);
  for (let i = 0; i < stampBytes; i++) difference[i] = batch[producerIdAt + i]! ^ header[producerIdAt + i]!;
  let crc = patchCrc32c(storedCrc(batch), difference, batch.length - countAt);
  if (stamp.transactional === true) {
    const flag = Uint8Array.of(transactionalFlag & ~header[attributesAt]!);
    header[attributesAt]! |= transactionalFlag;
    crc = patchCrc32c(crc, flag, batch.length - attributesAt - 1);
  }
  header.writeUInt32BE(crc, crcAt);
  return header;
}

/** Sequences run from 0 to 2,147,483,647 and then start at 0 again. */
const sequences = 2 ** 31;

/** The sequence `count` records after `sequence`. */
export function advanceSequence(sequence: number, count: number): number {
  return (sequence + count) % sequences;
}
/** Sequence of the last record of a batch. */
export function lastSequence(baseSequence: number, count: number): number {
  return advanceSequence(baseSequence, count - 1);
}
/** True when `a` is `b` or comes after it, on the circle of sequences (they are never half of it apart). */
export function atOrAfter(a: number, b: number): boolean {
  return (a - b + sequences) % sequences < sequences / 2;
}
