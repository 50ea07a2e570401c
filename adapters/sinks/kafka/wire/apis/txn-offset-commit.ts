import type { Api } from '../api.js';
import { readByPartition } from './by-partition.js';
import type { TransactionalProducer } from './end-txn.js';

export interface TxnOffsetCommitRequest extends TransactionalProducer {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly metadata: string;
}

/** TxnOffsetCommit v3 of one partition, for a group without members. */
export const txnOffsetCommit: Api<TxnOffsetCommitRequest, { readonly errorCode: number }> = {
  key: 28,
  name: 'TxnOffsetCommit',
  versions: [3, 3],
  flexibleFrom: 3,
  encode(writer, { transactionalId, groupId, producerId, epoch, topic, partition, offset, metadata }) {
    writer.compactString(transactionalId).compactString(groupId).int64(producerId).int16(epoch);
    writer.int32(-1).compactString('').compactString(null);
    writer.uvarint(2).compactString(topic);
    writer.uvarint(2).int32(partition).int64(offset).int32(-1).compactString(metadata).noTags();
    writer.noTags().noTags();
  },
  decode(reader) {
    reader.int32();
    const codes = readByPartition(reader, () => reader.int16());
    return { errorCode: codes[0] ?? -1 };
  },
};
