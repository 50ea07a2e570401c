import type { BufferReader } from './buffer-reader.js';
import type { BufferWriter } from './buffer-writer.js';

/** One request of the Kafka protocol: its key, the versions we speak, how it is written and its response read. */
export interface Api<Request, Response> {
  readonly key: number;
  readonly name: string;
  /** Lowest and highest version we speak; the highest that the broker knows too is used. */
  readonly versions: readonly [number, number];
  /** From this version on headers and bodies are flexible (KIP-482). */
  readonly flexibleFrom: number;
  encode(writer: BufferWriter, request: Request, version: number): void;
  decode(reader: BufferReader, version: number): Response;
}
