/** Temporary journals and real record batches for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { makeBatch } from '../../engine/journal/records.js';

/** A directory that is removed when the test ends. */
export function temporaryDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'penstock-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** An uncompressed RecordBatch v2 with these values and null keys. */
export function makeRecordBatch(values: readonly Uint8Array[], timestampMs = 1_700_000_000_000): Buffer {
  return makeBatch(values.map((value) => ({ timestampMs, key: null, value: Buffer.from(value), headers: [] })));
}

/** A batch of texts. */
export function textBatch(...texts: string[]): { bytes: Buffer; count: number; events: number } {
  const bytes = makeRecordBatch(texts.map((text) => Buffer.from(text)));
  return { bytes, count: texts.length, events: texts.length };
}

/** Deterministic numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
