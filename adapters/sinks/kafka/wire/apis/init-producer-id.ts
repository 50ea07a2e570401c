import type { Api } from '../api.js';

export interface InitProducerIdResponse {
  readonly errorCode: number;
  readonly producerId: bigint;
  readonly epoch: number;
}

export interface InitProducerIdRequest {
  /** Given: everyone else who uses it is fenced, and what it left open is aborted. */
  readonly transaction?: {
    readonly id: string;
    /** After this the broker aborts a transaction by itself. */
    readonly timeoutMs: number;
    /** What we hold already: refused when someone else has taken it over. */
    readonly producerId: bigint;
    readonly epoch: number;
  };
}

/** InitProducerId v2 to v4: a fresh producer id, or that of a transactional id. */
export const initProducerId: Api<InitProducerIdRequest, InitProducerIdResponse> = {
  key: 22,
  name: 'InitProducerId',
  versions: [2, 4],
  flexibleFrom: 2,
  encode(writer, { transaction }, version) {
    writer.compactString(transaction?.id ?? null).int32(transaction?.timeoutMs ?? 0);
    if (version >= 3) writer.int64(transaction?.producerId ?? -1n).int16(transaction?.epoch ?? -1);
    writer.noTags();
  },
  decode(reader) {
    reader.int32();
    return { errorCode: reader.int16(), producerId: reader.int64(), epoch: reader.int16() };
  },
};
