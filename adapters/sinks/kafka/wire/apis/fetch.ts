import type { Api } from '../api.js';
import { readByPartition } from './by-partition.js';

export interface FetchRequest {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** The broker sends whole batches up to about this, and one at least. */
  readonly bytesMax: number;
}
export interface FetchResponse {
  readonly errorCode: number;
  /** Offset behind the last record that all in-sync replicas have. */
  readonly highWatermark: bigint;
  /** Record batches one after another; the last may be cut short. */
  readonly records: Buffer;
}

/** Fetch v12 of one partition, outside of any fetch session, whatever transactions say. */
export const fetchRecords: Api<FetchRequest, FetchResponse> = {
  key: 1,
  name: 'Fetch',
  versions: [12, 12],
  flexibleFrom: 12,
  encode(writer, { topic, partition, offset, bytesMax }) {
    writer.int32(-1).int32(0).int32(0).int32(bytesMax).int8(0).int32(0).int32(-1);
    writer.uvarint(2).compactString(topic);
    writer.uvarint(2).int32(partition).int32(-1).int64(offset).int32(-1).int64(-1n).int32(bytesMax).noTags();
    writer.noTags().uvarint(1).compactString('').noTags();
  },
  decode(reader) {
    reader.int32();
    const errorCode = reader.int16();
    reader.int32();
    const answers = readByPartition(reader, () => {
      const partitionError = reader.int16();
      const highWatermark = reader.int64();
      reader.int64();
      reader.int64();
      reader.compactArray(() => {
        reader.int64();
        reader.int64();
        reader.tags();
      });
      reader.int32();
      const records = reader.compactBytes() ?? Buffer.alloc(0);
      return { errorCode: partitionError, highWatermark, records };
    });
    return answers[0] ?? { errorCode: errorCode || -1, highWatermark: -1n, records: Buffer.alloc(0) };
  },
};
