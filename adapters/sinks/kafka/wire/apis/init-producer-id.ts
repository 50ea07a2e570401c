import type { Api } from '../api.js';

export interface InitProducerIdResponse {
  readonly errorCode: number;
  readonly producerId: bigint;
  readonly epoch: number;
}

/** InitProducerId v2 to v4 without a transactional id: a fresh producer id. */
export const initProducerId: Api<Record<string, never>, InitProducerIdResponse> = {
  key: 22,
  name: 'InitProducerId',
  versions: [2, 4],
  flexibleFrom: 2,
  encode(writer, _request, version) {
    writer.compactString(null).int32(0);
    if (version >= 3) writer.int64(-1n).int16(-1);
    writer.noTags();
  },
  decode(reader) {
    reader.int32();
    return { errorCode: reader.int16(), producerId: reader.int64(), epoch: reader.int16() };
  },
};
