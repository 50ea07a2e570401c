import type { Api } from '../api.js';
import { readByPartition } from './by-partition.js';

export interface ListOffsetsRequest {
  readonly topic: string;
  readonly partition: number;
  /** ms since the epoch, or `earliest`, or `latest`. */
  readonly timestampMs: bigint;
}
export interface ListOffsetsResponse {
  readonly errorCode: number;
  /** Of the first record whose timestamp is not before the wanted one; −1: there is none. */
  readonly offset: bigint;
}
export const earliest = -2n;
export const latest = -1n;

/** ListOffsets v6 and v7 of one partition. */
export const listOffsets: Api<ListOffsetsRequest, ListOffsetsResponse> = {
  key: 2,
  name: 'ListOffsets',
  versions: [6, 7],
  flexibleFrom: 6,
  encode(writer, { topic, partition, timestampMs }) {
    writer.int32(-1).int8(0).uvarint(2).compactString(topic);
    writer.uvarint(2).int32(partition).int32(-1).int64(timestampMs).noTags();
    writer.noTags().noTags();
  },
  decode(reader) {
    reader.int32();
    const answers = readByPartition(reader, () => {
      const errorCode = reader.int16();
      reader.int64();
      const offset = reader.int64();
      reader.int32();
      return { errorCode, offset };
    });
    return answers[0] ?? { errorCode: -1, offset: -1n };
  },
};
