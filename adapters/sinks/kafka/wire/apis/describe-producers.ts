import type { Api } from '../api.js';
import { readByPartition } from './by-partition.js';

export interface DescribeProducersRequest {
  readonly topic: string;
  readonly partition: number;
}
export interface ProducerState {
  readonly producerId: bigint;
  readonly epoch: number;
  /** Of the last batch the broker has of this producer. */
  readonly lastSequence: number;
}
export interface DescribeProducersResponse {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly producers: readonly ProducerState[];
}

/** DescribeProducers v0 (KIP-664) for one partition; only its leader answers. */
export const describeProducers: Api<DescribeProducersRequest, DescribeProducersResponse> = {
  key: 61,
  name: 'DescribeProducers',
  versions: [0, 0],
  flexibleFrom: 0,
  encode(writer, request) {
    writer.uvarint(2).compactString(request.topic);
    writer.compactArray([request.partition], (index) => writer.int32(index));
    writer.noTags().noTags();
  },
  decode(reader) {
    reader.int32();
    const answers = readByPartition(reader, () => {
      const errorCode = reader.int16();
      const errorMessage = reader.compactString();
      const producers = reader.compactArray(() => {
        const state = { producerId: reader.int64(), epoch: reader.int32(), lastSequence: reader.int32() };
        reader.int64();
        reader.int32();
        reader.int64();
        reader.tags();
        return state;
      });
      return { errorCode, errorMessage, producers };
    });
    return answers[0] ?? { errorCode: -1, errorMessage: 'the answer names no partition', producers: [] };
  },
};
