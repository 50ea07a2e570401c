import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { OpenRequest } from '../contracts.js';
import { keptMs, RequestLog } from './request-log.js';
import { RequestMemory } from './request-memory.js';
import { recordBytes } from './request-record.js';

const digest = (n: number) => Buffer.alloc(8, n);
const named = (key: string, scope = 'http', sender = '192.0.2.1') => ({ scope, key, sender });

function world(t: TestContext, keysMax = 100) {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-requests-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const clock = { ms: 1_800_000_000_000 };
  const logs: RequestLog[] = [];
  t.after(() => {
    for (const log of logs) log.close();
  });
  /** As a process that starts; `committed`: chunks below this are in the journal, by boot. */
  const start = (boot: number, committed: Record<number, number> = {}) => {
    const log = new RequestLog(directory, false);
    logs.push(log);
    const memory = new RequestMemory({ log, boot, ringOf: (worker) => worker, keysMax, now: () => clock.ms });
    memory.recover((record) => record.chunk < (committed[record.boot] ?? 0));
    return memory;
  };
  return { directory, clock, start };
}

async function open(memory: RequestMemory, key: string, pieces: number, body = 1): Promise<OpenRequest> {
  const begun = await memory.begin(named(key), digest(body), pieces);
  assert.equal(begun.state, 'open');
  return begun as OpenRequest;
}

test('what was stored is known; another body, scope or number of pieces is not it', async (t) => {
  const memory = world(t).start(1);
  const request = await open(memory, 'a', 2);
  request.before(10, { worker: 0, chunk: 0 });
  request.before(5, { worker: 0, chunk: 1 });
  request.stored();
  request.stored();
  request.end();
  assert.deepEqual(await memory.begin(named('a'), digest(1), 2), { state: 'stored', events: 15 });
  assert.equal((await memory.begin(named('a'), digest(2), 2)).state, 'conflict');
  assert.equal((await memory.begin(named('a'), digest(1), 3)).state, 'conflict');
  assert.equal((await memory.begin(named('a', 'other'), digest(1), 2)).state, 'open');
});

test('the same request at the same time waits for the first; where that fails, it goes on behind what is stored', async (t) => {
  const memory = world(t).start(1);
  const first = await open(memory, 'a', 3);
  let begun: OpenRequest | undefined;
  const second = open(memory, 'a', 3).then((request) => {
    begun = request;
    return request;
  });
  first.before(10, { worker: 0, chunk: 0 });
  first.stored();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(begun, undefined);
  first.end();
  const next = await second;
  assert.deepEqual([next.pieces, next.events], [1, 10]);
  next.before(10, { worker: 1, chunk: 0 });
  next.before(1, { worker: 1, chunk: 1 });
  next.stored();
  next.stored();
  next.end();
  assert.deepEqual(await memory.begin(named('a'), digest(1), 3), { state: 'stored', events: 21 });
});

test('after an end without warning the journal tells which pieces are stored', async (t) => {
  const { start } = world(t);
  const before = start(7);
  const chunks = [
    ['whole', [0, 1]],
    ['half', [2, 3]],
    ['none', [4]],
  ] as const;
  for (const [key, places] of chunks) {
    const request = await open(before, key, places.length);
    for (const chunk of places) request.before(100 + chunk, { worker: 0, chunk });
  }
  // Chunks 0, 1 and 2 were committed. Then two starts, the first of which ends at once as well.
  start(8, { 7: 3 });
  const after = start(9, { 7: 0, 8: 0 });
  assert.deepEqual(await after.begin(named('whole'), digest(1), 2), { state: 'stored', events: 201 });
  const half = await open(after, 'half', 2);
  assert.deepEqual([half.pieces, half.events], [1, 102]);
  const none = await open(after, 'none', 1);
  assert.deepEqual([none.pieces, none.events], [0, 0]);
});

test('a chunk of the same number in another run means nothing', async (t) => {
  const { start } = world(t);
  const request = await open(start(7), 'a', 1);
  request.before(1, { worker: 0, chunk: 5 });
  const after = start(9, { 8: 100 });
  assert.equal((await after.begin(named('a'), digest(1), 1)).state, 'open');
});

test('keys are kept ten minutes and not longer, on disk as well', async (t) => {
  const { clock, start, directory } = world(t);
  const memory = start(1);
  for (let minute = 0; minute < 60; minute++) {
    const request = await open(memory, `key ${minute}`, 1);
    request.before(1, { worker: 0, chunk: minute });
    request.stored();
    request.end();
    clock.ms += 60_000;
  }
  assert.equal(memory.size, 10);
  assert.ok(readdirSync(directory).length <= 8, readdirSync(directory).join());
  const after = start(2, { 1: 1000 });
  assert.ok(after.size >= 9 && after.size <= 10);
  assert.equal((await after.begin(named('key 59'), digest(1), 1)).state, 'stored');
  assert.equal((await after.begin(named('key 3'), digest(1), 1)).state, 'open');
  clock.ms += keptMs;
  assert.equal((await after.begin(named('key 59'), digest(1), 1)).state, 'open');
});

test('no more keys than allowed; what nothing is stored of takes no place', async (t) => {
  const memory = world(t, 2).start(1);
  const failed = await open(memory, 'failed', 1);
  failed.end();
  assert.equal(memory.size, 0);
  await memory.begin(named('a'), digest(1), 1);
  await memory.begin(named('b', 'http', '192.0.2.2'), digest(1), 1);
  assert.equal((await memory.begin(named('c', 'http', '192.0.2.3'), digest(1), 1)).state, 'full');
});

test('a sender that uses up its share keeps no other out; its keys are known as before, also after a start', async (t) => {
  const { clock, start } = world(t);
  const memory = start(1);
  const store = async (key: string, sender: string, at = memory) => {
    const request = await at.begin(named(key, 'http', sender), digest(1), 1);
    if (request.state !== 'open') return request.state;
    request.before(1, { worker: 0, chunk: 0 });
    request.stored();
    request.end();
    return 'open';
  };
  const states: string[] = [];
  for (let n = 0; n < 200; n++) states.push(await store(`flood ${n}`, 'one'));
  assert.deepEqual(states, [...Array(50).fill('open'), ...Array(150).fill('full')]);
  for (let n = 0; n < 25; n++) assert.equal(await store(`other ${n}`, 'two'), 'open');
  assert.equal(await store('flood 0', 'one'), 'stored');
  assert.equal(await store('flood 0', 'two'), 'stored', 'whoever sends it again');
  const after = start(2, { 1: 1 });
  assert.equal(await store('flood 49', 'one', after), 'stored');
  assert.equal(await store('third', 'three', after), 'open');
  clock.ms += keptMs;
  for (let n = 0; n < 50; n++)
    assert.equal(await store(`again ${n}`, 'one', after), 'open', 'what is forgotten leaves room');
  assert.equal(await store('again 50', 'one', after), 'full');
});

test('damaged records and a torn end are left out, the others count', async (t) => {
  const { start, directory } = world(t);
  const before = start(1);
  for (let n = 0; n < 5; n++) {
    const request = await open(before, `${n}`, 1);
    request.before(1, { worker: 0, chunk: n });
  }
  const file = join(directory, readdirSync(directory).sort().at(-1) as string);
  const bytes = readFileSync(file);
  assert.equal(bytes.length, 5 * recordBytes);
  bytes.writeUInt8(bytes.readUInt8(recordBytes + 40) ^ 1, recordBytes + 40);
  writeFileSync(file, bytes.subarray(0, bytes.length - 20));
  const after = start(2, { 1: 100 });
  const states = await Promise.all([0, 1, 2, 3, 4].map((n) => after.begin(named(`${n}`), digest(1), 1)));
  assert.deepEqual(
    states.map(({ state }) => state),
    ['stored', 'open', 'stored', 'stored', 'open'],
  );
});
