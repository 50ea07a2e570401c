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

/** FindCoordinator v4 of one key. */
export const findCoordinator: Api<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: 10,
  name: 'FindCoordinator',
  versions: [4, 4],
  flexibleFrom: 3,
  encode(writer, { key, kind }) {
    writer.int8(kind === 'group' ? 0 : 1);
    writer.compactArray([key], (one) => writer.compactString(one)).noTags();
  },
  decode(reader) {
    reader.int32();
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
