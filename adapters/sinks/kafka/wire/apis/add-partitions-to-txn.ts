import type { Api } from '../api.js';
import { readByPartition } from './by-partition.js';
import type { TransactionalProducer } from './end-txn.js';

export interface AddPartitionsToTxnRequest extends TransactionalProducer {
  readonly topics: readonly { readonly name: string; readonly partitions: readonly number[] }[];
}

/** AddPartitionsToTxn v3: the last version that clients use. Answers with the first error of any partition. */
export const addPartitionsToTxn: Api<AddPartitionsToTxnRequest, { readonly errorCode: number }> = {
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [3, 3],
  flexibleFrom: 3,
  encode(writer, { transactionalId, producerId, epoch, topics }) {
    writer.compactString(transactionalId).int64(producerId).int16(epoch);
    writer.compactArray(topics, ({ name, partitions }) => {
      writer.compactString(name).compactArray(partitions, (partition) => writer.int32(partition));
      writer.noTags();
    });
    writer.noTags();
  },
  decode(reader) {
    reader.int32();
    const codes = readByPartition(reader, () => reader.int16());
    // 55 (OPERATION_NOT_ATTEMPTED) only says that another partition failed.
    const failed = codes.filter((code) => code !== 0);
    return { errorCode: failed.find((code) => code !== 55) ?? failed[0] ?? 0 };
  },
};
