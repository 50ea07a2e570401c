import type { Api } from '../api.js';

/** Who asks, in every request of a transaction. */
export interface TransactionalProducer {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly epoch: number;
}
export interface EndTxnRequest extends TransactionalProducer {
  readonly commit: boolean;
}

/** EndTxn v3. From v5 on each end changes the epoch (KIP-890), which we do not use. */
export const endTxn: Api<EndTxnRequest, { readonly errorCode: number }> = {
  key: 26,
  name: 'EndTxn',
  versions: [3, 3],
  flexibleFrom: 3,
  encode(writer, { transactionalId, producerId, epoch, commit }) {
    writer.compactString(transactionalId).int64(producerId).int16(epoch).boolean(commit).noTags();
  },
  decode(reader) {
    reader.int32();
    return { errorCode: reader.int16() };
  },
};
