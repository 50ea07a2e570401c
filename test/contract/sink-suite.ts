/**
 * What every sink must do (engine/contracts.ts, Sink), as tests that a sink's own test file runs with its harness.
 */
import assert from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Sink, SinkType, StoredBatch } from '../../engine/contracts.js';
import { deliveryFigures } from '../../engine/deliver/figures.js';
import { recordBatch } from '../e2e/kafka/record-batch.js';

export interface SinkHarness {
  readonly type: SinkType;
  /** A sink that keeps its state in `stateDir`; the far side is there. */
  create(stateDir: string): Sink | Promise<Sink>;
  /** How often each value arrived; absent: the sink keeps nothing. */
  read?(): Promise<ReadonlyMap<string, number>>;
}

/** Registers the tests. */
export function sinkSuite(harness: SinkHarness): void {
  const { name } = harness.type;
  const stateDir = mkdtempSync(join(tmpdir(), `penstock-${name}-`));
  after(() => rmSync(stateDir, { recursive: true, force: true }));
  const batches = storedBatches(40, 25);

  test(`${name}: its options can be documented and have defaults within their bounds`, () => {
    for (const option of harness.type.options) {
      assert.match(option.name, /^[a-z][a-z0-9_]*$/);
      assert.match(option.text, /\.$/, `${option.name} has a sentence`);
      if (option.values !== undefined) assert.ok(option.values.includes(String(option.default)), option.name);
      if (typeof option.default !== 'number') continue;
      assert.ok(option.default >= (option.min ?? option.default), option.name);
      assert.ok(option.default <= (option.max ?? option.default), option.name);
    }
  });

  test(`${name}: takes batches handed over without waiting, and says that it is ready`, async () => {
    const sink = await harness.create(stateDir);
    assert.ok(sink.inFlightBytesMax > 0);
    await sink.start();
    await Promise.all(batches.slice(0, 20).map((batch) => sink.deliver(batch)));
    assert.strictEqual(sink.health().ready, true);
    assert.notStrictEqual(sink.health().detail, '');
    for (const [figure, value] of Object.entries(sink.figures())) {
      assert.match(figure, /^[a-z][a-z0-9_]*$/);
      assert.ok(Number.isFinite(value), figure);
      assert.ok(
        harness.type.figures[figure] ?? (deliveryFigures as Record<string, string>)[figure],
        `no text for ${figure}`,
      );
    }
    await sink.stop(5000);
  });

  test(`${name}: does not change the journal's bytes`, async () => {
    const sink = await harness.create(stateDir);
    await sink.start();
    const before = batches.slice(0, 20).map((batch) => Buffer.from(batch.bytes));
    // Handed over again, as after a crash before the checkpoint.
    await Promise.all(batches.slice(0, 20).map((batch) => sink.deliver(batch)));
    before.forEach((bytes, i) => {
      assert.strictEqual(Buffer.compare(bytes, batches[i]!.bytes), 0);
    });
    await sink.stop(5000);
  });

  test(`${name}: waits for what is in flight when it stops, and forgets what it is told`, async () => {
    const sink = await harness.create(stateDir);
    await sink.start();
    sink.forget(batches[20]!.position);
    sink.forget({ lane: 9, segment: 3, offset: 0 });
    const delivered = Promise.all(batches.slice(20).map((batch) => sink.deliver(batch)));
    await sink.stop(10_000);
    await delivered;
  });

  const { read } = harness;
  if (read === undefined) return;
  test(`${name}: every event arrived once`, async () => {
    const times = await read();
    const wrong = values(40, 25)
      .flat()
      .filter((value) => times.get(value) !== 1);
    assert.deepStrictEqual(wrong, []);
  });
}

function values(count: number, perBatch: number): string[][] {
  return Array.from({ length: count }, (_, i) => Array.from({ length: perBatch }, (_, k) => `${i}.${k}`));
}
function storedBatches(count: number, perBatch: number): StoredBatch[] {
  let offset = 0;
  return values(count, perBatch).map((records) => {
    const bytes = recordBatch(records);
    const position = { lane: 0, segment: 1, offset };
    offset += bytes.length;
    return {
      position,
      next: { ...position, offset },
      route: 0,
      partition: -1,
      count: perBatch,
      events: perBatch,
      bytes,
    };
  });
}
