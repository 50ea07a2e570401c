import type { Api } from '../api.js';

export interface MetadataRequest {
  /** Topic names; an empty list asks for brokers only. */
  readonly topics: readonly string[];
}
export interface BrokerAddress {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}
export interface PartitionMetadata {
  readonly errorCode: number;
  readonly index: number;
  /** −1: none. */
  readonly leader: number;
  readonly leaderEpoch: number;
}
export interface TopicMetadata {
  readonly errorCode: number;
  readonly name: string;
  /** Hexadecimal; changes when a topic is deleted and created anew. */
  readonly id: string;
  readonly partitions: readonly PartitionMetadata[];
}
export interface MetadataResponse {
  readonly brokers: readonly BrokerAddress[];
  readonly controller: number;
  readonly topics: readonly TopicMetadata[];
}

const noId = Buffer.alloc(16);

/** Metadata v11 and v12 (one encoding here). Never lets the broker create a topic by itself. */
export const metadata: Api<MetadataRequest, MetadataResponse> = {
  key: 3,
  name: 'Metadata',
  versions: [11, 12],
  flexibleFrom: 9,
  encode(writer, request) {
    writer.compactArray(request.topics, (name) => writer.bytes(noId).compactString(name).noTags());
    writer.boolean(false).boolean(false).noTags();
  },
  decode(reader) {
    reader.int32();
    const brokers = reader.compactArray(() => {
      const broker = { id: reader.int32(), host: reader.compactString() ?? '', port: reader.int32() };
      reader.compactString();
      reader.tags();
      return broker;
    });
    reader.compactString();
    const controller = reader.int32();
    const topics = reader.compactArray(() => {
      const errorCode = reader.int16();
      const name = reader.compactString() ?? '';
      const id = reader.uuid().toString('hex');
      reader.boolean();
      const partitions = reader.compactArray(() => {
        const partition = {
          errorCode: reader.int16(),
          index: reader.int32(),
          leader: reader.int32(),
          leaderEpoch: reader.int32(),
        };
        for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32());
        reader.tags();
        return partition;
      });
      reader.int32();
      reader.tags();
      return { errorCode, name, id, partitions };
    });
    return { brokers, controller, topics };
  },
};
