import type { Api } from '../api.js';
import type { TransactionalProducer } from './end-txn.js';

export interface AddOffsetsToTxnRequest extends TransactionalProducer {
  readonly groupId: string;
}

/** AddOffsetsToTxn v3. */
export const addOffsetsToTxn: Api<AddOffsetsToTxnRequest, { readonly errorCode: number }> = {
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: [3, 3],
  flexibleFrom: 3,
  encode(writer, { transactionalId, producerId, epoch, groupId }) {
    writer.compactString(transactionalId).int64(producerId).int16(epoch).compactString(groupId).noTags();
  },
  decode(reader) {
    reader.int32();
    return { errorCode: reader.int16() };
  },
};
