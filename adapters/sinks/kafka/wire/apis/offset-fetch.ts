import type { Api } from '../api.js';
import { readByPartition } from './by-partition.js';

export interface OffsetFetchRequest {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
}
export interface OffsetFetchResponse {
  readonly errorCode: number;
  /** −1: none is committed. */
  readonly offset: bigint;
  readonly metadata: string;
}

/** OffsetFetch v7 of one partition, only what no open transaction may still change (require stable). */
export const offsetFetch: Api<OffsetFetchRequest, OffsetFetchResponse> = {
  key: 9,
  name: 'OffsetFetch',
  versions: [7, 7],
  flexibleFrom: 6,
  encode(writer, { groupId, topic, partition }) {
    writer.compactString(groupId).uvarint(2).compactString(topic);
    writer.compactArray([partition], (index) => writer.int32(index));
    writer.noTags().boolean(true).noTags();
  },
  decode(reader) {
    reader.int32();
    const answers = readByPartition(reader, () => {
      const offset = reader.int64();
      reader.int32();
      const metadata = reader.compactString() ?? '';
      const errorCode = reader.int16();
      return { offset, metadata, errorCode };
    });
    const errorCode = reader.int16();
    const answer = answers[0] ?? { offset: -1n, metadata: '', errorCode: 0 };
    return errorCode === 0 ? answer : { ...answer, errorCode };
  },
};
