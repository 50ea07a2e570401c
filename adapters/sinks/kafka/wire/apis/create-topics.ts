import type { Api } from '../api.js';

export interface CreateTopicsRequest {
  readonly topic: string;
  readonly partitions: number;
  readonly replication: number;
  readonly configs: readonly (readonly [name: string, value: string])[];
  readonly timeoutMs: number;
}
export interface CreateTopicsResponse {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** CreateTopics v5 to v7 for one topic. */
export const createTopics: Api<CreateTopicsRequest, CreateTopicsResponse> = {
  key: 19,
  name: 'CreateTopics',
  versions: [5, 7],
  flexibleFrom: 5,
  encode(writer, request) {
    writer.uvarint(2).compactString(request.topic).int32(request.partitions).int16(request.replication);
    writer.uvarint(1);
    writer.compactArray(request.configs, ([name, value]) => writer.compactString(name).compactString(value).noTags());
    writer.noTags().int32(request.timeoutMs).boolean(false).noTags();
  },
  decode(reader, version) {
    reader.int32();
    if (reader.uvarint() < 2) return { errorCode: -1, errorMessage: 'the answer names no topic' };
    reader.compactString();
    if (version >= 7) reader.uuid();
    return { errorCode: reader.int16(), errorMessage: reader.compactString() };
  },
};
