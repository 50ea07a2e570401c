import type { Api } from '../api.js';
import { readByPartition } from './by-partition.js';

/** One batch for one partition. */
export interface ProducePart {
  readonly topic: string;
  readonly partition: number;
  /** First bytes of the batch, copied (the stamped header). */
  readonly header: Buffer;
  /** The rest of the batch, not copied: it must not change until the answer. */
  readonly rest: Buffer;
}
export interface ProduceRequest {
  /** How long the leader waits for the other replicas. */
  readonly timeoutMs: number;
  readonly transactionalId?: string;
  /** At most one batch for a partition; parts of one topic stand together. */
  readonly parts: readonly ProducePart[];
}
export interface ProduceAnswer {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly baseOffset: bigint;
  /** Indexes of the records that made the broker refuse the batch, when it names them. */
  readonly badRecords: readonly number[];
}
export interface ProduceResponse {
  readonly answers: readonly ProduceAnswer[];
  readonly throttleMs: number;
}

const acksAll = -1;

/** Produce v9 to v12 (one encoding; later ones add tagged fields to the response, which are skipped). */
export const produce: Api<ProduceRequest, ProduceResponse> = {
  key: 0,
  name: 'Produce',
  versions: [9, 12],
  flexibleFrom: 9,
  encode(writer, request) {
    writer
      .compactString(request.transactionalId ?? null)
      .int16(acksAll)
      .int32(request.timeoutMs);
    writer.compactArray(byTopic(request.parts), (parts) => {
      writer.compactString(parts[0]!.topic);
      writer.compactArray(parts, (part) => {
        writer.int32(part.partition).uvarint(part.header.length + part.rest.length + 1);
        writer.bytes(part.header).external(part.rest).noTags();
      });
      writer.noTags();
    });
    writer.noTags();
  },
  decode(reader) {
    const answers = readByPartition(reader, (topic, partition) => {
      const errorCode = reader.int16();
      const baseOffset = reader.int64();
      reader.int64();
      reader.int64();
      let recordMessage: string | null = null;
      const badRecords = reader.compactArray(() => {
        const index = reader.int32();
        const message = reader.compactString();
        recordMessage ??= message;
        reader.tags();
        return index;
      });
      const errorMessage = reader.compactString() ?? recordMessage;
      return { topic, partition, errorCode, errorMessage, baseOffset, badRecords };
    });
    return { answers, throttleMs: reader.int32() };
  },
};

/** The same up to v11: from v12 on the broker adds partitions to the transaction by itself (KIP-890), which we do. */
export const produceInTransaction: Api<ProduceRequest, ProduceResponse> = { ...produce, versions: [9, 11] };

function byTopic(parts: readonly ProducePart[]): ProducePart[][] {
  const groups: ProducePart[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (last !== undefined && last[0]!.topic === part.topic) last.push(part);
    else groups.push([part]);
  }
  return groups;
}
