import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CompressionFigures } from '../../engine/telemetry/compression-block.js';
import { zstdDecompressBounded } from '../../native/codecs.js';
import { frameOfLines } from '../../native/frames.js';
import { projectRoot } from '../../native/load.js';
import { batchHeaderBytes, framePlace } from '../../native/pipeline.js';
import type { CompressionPlan } from '../plan.js';
import { BatchPacker } from './batch-packer.js';
import { WorkerLevel } from './worker-level.js';

const plan: CompressionPlan = { codec: 'zstd', level: 1, levelMin: -5, levelMax: 6, minBytes: 1024, gainMin: 0.1 };
const text = Buffer.from('<34>1 2024-05-01T00:00:00Z host sshd 7 - - Failed password for root\n'.repeat(2000));

class Bench {
  readonly figures = new CompressionFigures(CompressionFigures.memory());
  readonly #packer: BatchPacker;
  readonly out = new Uint8Array(1 << 20);

  constructor(over: Partial<CompressionPlan> = {}, slept = () => 0, nowMs?: number) {
    const all = { ...plan, ...over };
    const level = new WorkerLevel(all, { sleptUs: slept, backlog: () => 0 }, this.figures, nowMs);
    this.#packer = new BatchPacker(all, false, level, this.figures);
  }

  pack(bytes: Uint8Array, route = 0, bytesMax = Number.POSITIVE_INFINITY): number {
    const raw = new Uint8Array(batchHeaderBytes + bytes.length);
    raw.set(bytes, batchHeaderBytes);
    return this.#packer.pack({ route, raw, bytes: bytes.length, out: this.out, bytesMax });
  }
}

test('what shrinks is packed behind the place of the header, and counted by route', () => {
  const bench = new Bench();
  const packed = bench.pack(text, 3);
  assert.ok(packed > 0 && packed < text.length / 10);
  const unpacked = zstdDecompressBounded(bench.out.subarray(batchHeaderBytes, batchHeaderBytes + packed), text.length);
  assert.deepEqual(unpacked, text);
  const { bytesIn, bytesOut, batches, level, packedBytesIn, nanoseconds } = bench.figures.route(3);
  assert.deepEqual([bytesIn, bytesOut, batches, level, packedBytesIn], [text.length, packed, 1, 1, text.length]);
  assert.ok(nanoseconds > 0);
  assert.equal(bench.figures.route(0).batches, 0);
});

const left: { name: string; bytes: Uint8Array; reason: 'skippedSmall' | 'skippedIncompressible' | 'skippedGain' }[] = [
  { name: 'nothing', bytes: new Uint8Array(), reason: 'skippedSmall' },
  { name: 'less than the least', bytes: text.subarray(0, 1023), reason: 'skippedSmall' },
  { name: 'random bytes, too few to look at', bytes: randomBytes(1024), reason: 'skippedGain' },
  { name: 'random bytes', bytes: randomBytes(500_000), reason: 'skippedIncompressible' },
  {
    name: 'what is compressed already',
    bytes: (() => {
      const bench = new Bench();
      const size = bench.pack(Buffer.from(randomBytes(200_000).toString('base64')));
      return bench.out.slice(batchHeaderBytes, batchHeaderBytes + size);
    })(),
    reason: 'skippedIncompressible',
  },
];

for (const { name, bytes, reason } of left) {
  test(`stays as it is: ${name}`, () => {
    const bench = new Bench();
    assert.equal(bench.pack(bytes), -1);
    const figures = bench.figures.route(0);
    assert.equal(figures[reason], 1);
    assert.equal(figures.bytesOut, bytes.length);
  });
}

test('what is too large for a broker as it is takes any gain, whatever was learnt of the batches before', () => {
  const bench = new Bench({ level: 'auto', levelMin: -5, levelMax: -5, gainMin: 0.3 });
  const base64 = Buffer.from(randomBytes(450_000).toString('base64'));
  while (bench.figures.route(0).skippedIncompressible === 0) assert.equal(bench.pack(base64), -1);
  const packed = bench.pack(base64, 0, 500_000);
  assert.ok(packed > 0 && packed < base64.length * 0.8, `${packed}`);
  assert.equal(bench.figures.route(0).level, 1);
  assert.equal(bench.pack(randomBytes(700_000), 0, 500_000), -1, 'what does not shrink at all stays as it is');
});

test('what becomes small enough at the level of the moment stays at it', () => {
  const bench = new Bench({ level: 'auto', levelMin: -5, levelMax: -5 });
  assert.ok(bench.pack(text, 0, text.length / 2) > 0);
  assert.equal(bench.figures.route(0).level, -5);
});

test('exactly the least is compressed, and a gain below the one asked for is none', () => {
  assert.ok(new Bench().pack(text.subarray(0, 1024)) > 0);
  const base64 = Buffer.from(randomBytes(8000).toString('base64'));
  assert.ok(new Bench().pack(base64) > 0, 'a quarter less');
  assert.equal(new Bench({ gainMin: 0.3 }).pack(base64), -1);
});

test('a route that never shrinks is tried ever more seldom, and found again when it does', () => {
  const bench = new Bench();
  const noise = randomBytes(64_000);
  for (let i = 0; i < 500; i++) bench.pack(noise, 2);
  bench.pack(text, 1);
  assert.equal(bench.figures.route(1).skippedIncompressible, 0, 'other routes are tried all the same');
  let batches = 0;
  while (bench.pack(text, 2) < 0) batches++;
  assert.ok(batches < 64, `${batches} batches until it was tried again`);
  assert.ok(bench.pack(text, 2) > 0, 'from then on always');
});

test('a billion identical events are a few bytes, one huge event is compressed like any other', () => {
  const bench = new Bench();
  assert.ok(bench.pack(new Uint8Array(500_000).fill(65)) < 200);
  const huge = Buffer.from(JSON.stringify({ message: 'x y z '.repeat(30_000), id: randomBytes(64).toString('hex') }));
  assert.ok(bench.pack(huge) > 0);
});

test('codec none compresses nothing', () => {
  assert.equal(new Bench({ codec: 'none', level: 0 }).pack(text), -1);
});

test('a dictionary is told of while it is in use', () => {
  const figures = new CompressionFigures(CompressionFigures.memory());
  const level = new WorkerLevel(plan, { sleptUs: () => 0, backlog: () => 0 }, figures);
  const packer = new BatchPacker(plan, true, level, figures);
  const lines = readFileSync(join(projectRoot, 'bench/data/linux_auth.log'));
  const { plain } = frameOfLines(lines, { eventsMax: 12 });
  const raw = new Uint8Array(framePlace + plain.length);
  raw.set(plain, framePlace);
  const pack = () =>
    packer.pack({ route: 1, raw, bytes: plain.length, out: new Uint8Array(1 << 20), bytesMax: 1 << 20 });
  packer.keepSamples();
  const without = pack();
  const dictionary = readFileSync(join(projectRoot, 'test/data/frames-with-dictionary/37effefd.zdict'));
  packer.useDictionaries([{ route: 1, dictionary }]);
  assert.ok(pack() < without);
  assert.equal(figures.route(1).dictionary, 0x37effefd);
  packer.useDictionaries([]);
  assert.equal(figures.route(1).dictionary, 0);
  assert.equal(pack(), without);
  assert.equal(figures.route(1).dictionary, 0);
});
