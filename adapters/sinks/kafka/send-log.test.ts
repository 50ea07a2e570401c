import assert from 'node:assert';
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { smallDisk } from '../../../test/support/small-disk.js';
import { type SendEntry, SendLog } from './send-log.js';
import { sendRecordBytes } from './send-record.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'penstock-send-log-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function entry(offset: number, lane = 0, isVoid = false): SendEntry {
  return {
    position: { lane, segment: 7, offset },
    first: 0,
    topic: 'security.events',
    topicId: '00112233445566778899aabbccddeeff',
    after: 2n ** 40n,
    partition: 3,
    stamp: { producerId: 2n ** 62n + BigInt(offset), epoch: 5, baseSequence: offset },
    count: 12,
    crc: 0xfedcba98,
    stampedAt: 1_790_000_000_000,
    void: isVoid,
  };
}
const file = () => join(directory, 'send.log');

test('what was appended is found by the next run', () => {
  const log = SendLog.open(directory);
  log.append(entry(1));
  log.append(entry(2, 4));
  log.append(entry(1, 0, true));
  // Not closed: as after SIGKILL.
  const next = SendLog.open(directory);
  assert.deepStrictEqual(next.find({ lane: 0, segment: 7, offset: 1 }), [entry(1, 0, true)]);
  assert.deepStrictEqual(next.find({ lane: 4, segment: 7, offset: 2 }), [entry(2, 4)]);
  assert.deepStrictEqual(next.find({ lane: 0, segment: 7, offset: 2 }), []);
  assert.strictEqual(next.damagedRecords, 0);
});

test('a torn tail of any length is cut and counted; later records are found', () => {
  const log = SendLog.open(directory);
  for (const at of [1, 2, 3]) log.append(entry(at));
  const whole = readFileSync(file());
  for (let cut = 1; cut < sendRecordBytes; cut += 37) {
    writeFileSync(file(), whole.subarray(0, whole.length - cut));
    const next = SendLog.open(directory);
    assert.strictEqual(next.damagedRecords, 1);
    assert.strictEqual(next.size, 2);
    next.append(entry(9));
    assert.strictEqual(SendLog.open(directory).size, 3);
  }
});

test('a flipped bit costs its record only', () => {
  const log = SendLog.open(directory);
  for (const at of [1, 2, 3]) log.append(entry(at));
  const bytes = readFileSync(file());
  for (let at = 0; at < sendRecordBytes; at += 11) {
    const damaged = Buffer.from(bytes);
    damaged[sendRecordBytes + at]! ^= 4;
    writeFileSync(file(), damaged);
    const next = SendLog.open(directory);
    assert.deepStrictEqual([next.size, next.damagedRecords], [2, 1]);
    assert.deepStrictEqual(next.find({ lane: 0, segment: 7, offset: 2 }), []);
  }
  appendFileSync(file(), 'x');
  assert.strictEqual(SendLog.open(directory).damagedRecords, 2);
});

test('the file stays small when old entries are forgotten, and live ones survive its rewriting', () => {
  const log = SendLog.open(directory);
  for (let at = 1; at <= 20_000; at++) {
    log.append(entry(at));
    if (at > 10) log.forget({ lane: 0, segment: 7, offset: at - 10 });
  }
  assert.ok(statSync(file()).size < 2 << 20, `${statSync(file()).size} bytes`);
  assert.strictEqual(SendLog.open(directory).find({ lane: 0, segment: 7, offset: 20_000 })[0]?.count, 12);
  log.close();
  assert.strictEqual(statSync(file()).size, log.size * sendRecordBytes);
});

test('forgetting a lane leaves the others', () => {
  const log = SendLog.open(directory);
  log.append(entry(1, 0));
  log.append(entry(1, 1));
  log.forget({ lane: 0, segment: 8, offset: 0 });
  assert.deepStrictEqual(log.entries(), [entry(1, 1)]);
});

test('parts of a batch stand beside each other; a later entry replaces what it shares records with', () => {
  const log = SendLog.open(directory);
  const part = (first: number, count: number) => ({ ...entry(1), first, count });
  log.append({ ...part(0, 12), void: true });
  log.append(part(6, 6));
  log.append(part(0, 6));
  assert.deepStrictEqual(log.find(entry(1).position), [part(0, 6), part(6, 6)]);
  log.append({ ...part(6, 6), void: true });
  log.append({ ...part(9, 3), stored: true });
  const expected = [part(0, 6), { ...part(9, 3), stored: true }];
  assert.deepStrictEqual(SendLog.open(directory).find(entry(1).position), expected);
  log.settle(entry(1).position, 9);
  assert.deepStrictEqual(
    log.entries().map((one) => one.settled),
    [undefined, true],
  );
});

test('a log that somebody deleted, directory and all, is made anew with all that is known', () => {
  const log = SendLog.open(directory);
  log.append(entry(1));
  log.append(entry(2));
  rmSync(directory, { recursive: true });
  log.append(entry(3));
  const next = SendLog.open(directory);
  assert.deepStrictEqual(
    [1, 2, 3].map((offset) => next.find({ lane: 0, segment: 7, offset }).length),
    [1, 1, 1],
  );
  log.append(entry(4));
  assert.strictEqual(SendLog.open(directory).size, 4);
});

test('on a disk that something else has filled it goes on, and finds room again afterwards', (t) => {
  const disk = smallDisk(t, '8M');
  if (disk === null) return t.skip('mounting is not permitted');
  const log = SendLog.open(disk);
  const filler = openSync(join(disk, 'filler'), 'w');
  const zeros = Buffer.alloc(4096);
  const fill = () => {
    try {
      for (;;) writeSync(filler, zeros);
    } catch {} // full
  };
  // As a journal does: it takes whatever becomes free.
  for (let at = 0; at < 20_000; at++) {
    fill();
    log.append(entry(at));
    if (at % 100 === 0) log.forget({ lane: 0, segment: 7, offset: at - 50 });
  }
  const next = SendLog.open(disk);
  assert.strictEqual(next.damagedRecords, 0);
  for (let at = 19_900; at < 20_000; at++) assert.strictEqual(next.find({ lane: 0, segment: 7, offset: at }).length, 1);
  rmSync(join(disk, 'filler'));
  closeSync(filler);
  log.close();
  assert.strictEqual(statSync(join(disk, 'send.log.ballast')).size, 2 * 1024 * 1024);
});
