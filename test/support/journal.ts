/** Temporary journals and real record batches for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { crc32c } from '../../native/journal.js';

/** A directory that is removed when the test ends. */
export function temporaryDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'penstock-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** An uncompressed RecordBatch v2 with these values and null keys (Kafka protocol guide, "Record Batch"). */
export function makeRecordBatch(values: readonly Uint8Array[], timestampMs = 1_700_000_000_000): Buffer {
  const records = values.map((value, i) => {
    const parts = [Buffer.of(0), varint(0), varint(i), varint(-1), varint(value.length), Buffer.from(value), varint(0)];
    const body = Buffer.concat(parts);
    return Buffer.concat([varint(body.length), body]);
  });
  const header = Buffer.alloc(61);
  const batch = Buffer.concat([header, ...records]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(2, 16);
  batch.writeInt32BE(values.length - 1, 23);
  batch.writeBigInt64BE(BigInt(timestampMs), 27);
  batch.writeBigInt64BE(BigInt(timestampMs), 35);
  batch.writeBigInt64BE(-1n, 43);
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeInt32BE(values.length, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

/** A batch of texts. */
export function textBatch(...texts: string[]): { bytes: Buffer; count: number } {
  return { bytes: makeRecordBatch(texts.map((text) => Buffer.from(text))), count: texts.length };
}

/** Deterministic numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function varint(n: number): Buffer {
  let rest = n < 0 ? -n * 2 - 1 : n * 2; // zigzag
  const bytes: number[] = [];
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
