import type { Api } from '../api.js';

export interface FindCoordinatorRequest {
  readonly key: string;
  readonly kind: 'group' | 'transaction';
}
export interface FindCoordinatorResponse {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

/** FindCoordinator v3 (Kafka 2.8) and v4, which asks for several keys, of one key. */
export const findCoordinator: Api<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: 10,
  name: 'FindCoordinator',
  versions: [3, 4],
  flexibleFrom: 3,
  encode(writer, { key, kind }, version) {
    if (version === 3) writer.compactString(key);
    writer.int8(kind === 'group' ? 0 : 1);
    if (version >= 4) writer.compactArray([key], (one) => writer.compactString(one));
    writer.noTags();
  },
  decode(reader, version) {
    reader.int32();
    if (version === 3) {
      const [errorCode, errorMessage] = [reader.int16(), reader.compactString()];
      return { errorCode, errorMessage, id: reader.int32(), host: reader.compactString() ?? '', port: reader.int32() };
    }
    const answers = reader.compactArray(() => {
      reader.compactString();
      const [id, host, port] = [reader.int32(), reader.compactString() ?? '', reader.int32()];
      const answer = { id, host, port, errorCode: reader.int16(), errorMessage: reader.compactString() };
      reader.tags();
      return answer;
    });
    return answers[0] ?? { errorCode: -1, errorMessage: 'the answer names no coordinator', id: -1, host: '', port: 0 };
  },
};
