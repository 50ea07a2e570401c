import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LaneWriter } from '../../native/journal.js';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { SinkCursor } from '../journal/cursor.js';
import { loadIdentity } from '../journal/identity.js';
import { Journal } from '../journal/journal.js';
import { LaneReader } from '../journal/lane-reader.js';
import { lockJournal } from '../journal/lock.js';
import { listSegments, makeLane, segmentPath } from '../journal/segments.js';
import { runJournal } from './journal.js';

/** Runs the command; answers its exit code and what it wrote. */
async function run(t: TestContext, ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const outMock = t.mock.method(process.stdout, 'write', (text: string | Buffer) => {
    out += text.toString();
    return true;
  });
  const errMock = t.mock.method(process.stderr, 'write', (text: string | Buffer) => {
    err += text.toString();
    return true;
  });
  try {
    return { code: await runJournal(argv), out, err };
  } finally {
    outMock.mock.restore();
    errMock.mock.restore();
  }
}

/** A journal of ten batches of three events each, and where each batch is. */
function tenBatches(t: TestContext) {
  const journal = temporaryDirectory(t);
  const boot = new Journal({ directory: journal, segmentBytes: 1 << 20, bytesMax: 0 });
  const writer = new LaneWriter(makeLane(journal, 0), { boot: boot.boot, node: boot.identity.node });
  for (let i = 0; i < 10; i++)
    writer.commitGroup([{ ...textBatch(`a${i}`, `b${i}`, `c${i}`), firstReceivedMs: 1_700_000_000_000 + i * 1000 }]);
  writer.close();
  boot.close();
  const batches = new LaneReader(journal, 0, null).read();
  const path = segmentPath(journal, 0, listSegments(journal, 0)[0] ?? 0);
  return { journal, batches, path };
}

function texts(journal: string): string[] {
  const found: string[] = [];
  const reader = new LaneReader(journal, 0, null);
  for (let batches = reader.read(); batches.length > 0; batches = reader.read())
    for (const batch of batches) found.push(...(batch.bytes.toString('latin1').match(/[abc]\d/g) ?? []));
  reader.close();
  return found;
}

test('inspect says what is there and how far each sink is; verify finds nothing', async (t) => {
  const { journal, batches } = tenBatches(t);
  const cursor = new SinkCursor(journal, 'kafka-events');
  cursor.advance(batches[3]?.next ?? assert.fail());
  cursor.close();
  const report = JSON.parse((await run(t, 'inspect', '--journal', journal, '--json')).out);
  assert.equal(report.usedBy, null);
  assert.deepEqual([report.lanes[0].events, report.lanes[0].batches, report.lanes[0].segments], [30, 10, 1]);
  assert.deepEqual([report.sinks[0].sink, report.sinks[0].waitingEvents], ['kafka-events', 18]);
  assert.match(
    (await run(t, 'inspect', '--journal', journal)).out,
    /lane 0: 30 events in 10 batches.*\n.*\n.*18 events waiting/s,
  );
  const verified = await run(t, 'verify', '--journal', journal);
  assert.equal(verified.code, 0);
  assert.match(verified.out, /30 events are whole.*\nno damage/);
});

test('verify names damage by place and size; repair brings back what is whole and cuts what is torn', async (t) => {
  const { journal, batches, path } = tenBatches(t);
  const bytes = readFileSync(path);
  const [header, body] = [batches[2]?.position.offset ?? 0, batches[5]?.next.offset ?? 0];
  bytes.fill(0, header, header + 64); // an entry header: its batch is whole
  bytes.fill(0, body - 50, body - 40); // a body: lost
  writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(100, 9)]));

  const verified = await run(t, 'verify', '--journal', journal, '--json');
  assert.equal(verified.code, 1);
  const report = JSON.parse(verified.out);
  assert.equal(report.events, 24);
  assert.deepEqual(
    report.damage.map(({ offset }: { offset: number }) => offset),
    [header, batches[5]?.position.offset],
  );
  assert.deepEqual(
    report.torn.map((torn: { offset: number; bytes: number }) => [torn.offset, torn.bytes]),
    [[bytes.length, 100]],
  );

  const repaired = JSON.parse((await run(t, 'repair', '--journal', journal, '--json')).out);
  assert.equal(repaired.events, 3);
  assert.equal(repaired.tornBytesCut, 100);
  const wanted = Array.from({ length: 10 }, (_, i) => [`a${i}`, `b${i}`, `c${i}`]).flat();
  assert.deepEqual(texts(journal).sort(), wanted.filter((text) => !text.endsWith('5')).sort());
  assert.equal(readdirSync(join(journal, 'quarantine')).filter((name) => name.endsWith('.repaired')).length, 1);
  // Again: nothing is appended twice.
  assert.equal(JSON.parse((await run(t, 'repair', '--journal', journal, '--json')).out).events, 0);
});

test('export writes what is asked for', async (t) => {
  const { journal, batches } = tenBatches(t);
  const raw = await run(t, 'export', '--raw', '--journal', journal, '--until', '2023-11-14T22:13:22Z');
  assert.equal(raw.err, '6 events exported\n');
  assert.deepEqual(raw.out.match(/[abc]\d/g), ['a0', 'b0', 'c0', 'a1', 'b1', 'c1']);
  const cursor = new SinkCursor(journal, 'kafka-events');
  cursor.advance(batches[8]?.next ?? assert.fail());
  cursor.close();
  const lines = await run(t, 'export', '--journal', journal, '--waiting', 'kafka-events');
  assert.equal(lines.out.trim().split('\n').length, 3);
  for (const line of lines.out.trim().split('\n')) JSON.parse(line);
});

test('replay sends to a sink and leaves journal and positions as they are', async (t) => {
  const { journal } = tenBatches(t);
  const files = () => readdirSync(journal, { recursive: true }).map(String).sort();
  const before = files();
  const sent = await run(t, 'replay', '--journal', journal, '--to', 'null:', '--json');
  assert.equal(JSON.parse(sent.out).events, 30);
  assert.deepEqual(files(), before);
  await assert.rejects(run(t, 'replay', '--journal', journal, '--to', 'nonsense'), { code: 'REPLAY_TARGET' });
});

test('a journal in use is read, and not touched', async (t) => {
  const { journal } = tenBatches(t);
  const lock = lockJournal(journal);
  assert.equal(JSON.parse((await run(t, 'inspect', '--journal', journal, '--json')).out).usedBy, String(process.pid));
  for (const command of ['repair', 'adopt'])
    await assert.rejects(run(t, command, '--journal', journal), { code: 'JOURNAL_LOCKED' });
  lock.release();
});

test('adopt takes over what another machine wrote, and says when there is nothing to take over', async (t) => {
  const { journal } = tenBatches(t);
  assert.match((await run(t, 'adopt', '--journal', journal)).out, /this machine's already/);
  loadIdentity(journal, true, 'another machine');
  assert.throws(() => new Journal({ directory: journal, segmentBytes: 1 << 20, bytesMax: 0 }), {
    code: 'JOURNAL_OF_OTHER_MACHINE',
  });
  assert.match((await run(t, 'adopt', '--journal', journal)).out, /this machine's now/);
  new Journal({ directory: journal, segmentBytes: 1 << 20, bytesMax: 0 }).close();
  assert.equal(texts(journal).length, 30);
});

test('what is wrong with the arguments is said', async (t) => {
  const { journal } = tenBatches(t);
  assert.equal((await run(t, 'inspekt', '--journal', journal)).code, 64);
  assert.match((await run(t, 'inspekt')).err, /inspect\?/);
  assert.match((await run(t, 'export', '--journal', journal, '--from', 'yesterday')).err, /no time/);
  const exportWaiting = () => run(t, 'export', '--journal', journal, '--waiting', 'kafka-event');
  await assert.rejects(exportWaiting(), { code: 'SINK_UNKNOWN', remedy: /no sink has taken anything yet/ });
  new SinkCursor(journal, 'kafka-events').close();
  await assert.rejects(exportWaiting(), { code: 'SINK_UNKNOWN', remedy: 'it has kafka-events' });
  await assert.rejects(run(t, 'inspect', '--journal', join(journal, 'nowhere')), { code: 'JOURNAL_MISSING' });
  assert.equal((await run(t)).code, 0);
});
