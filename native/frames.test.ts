/** Frames of real lines: packed, unpacked and decoded they are the records of the same events; damage is refused. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodecError } from './codecs.js';
import { frameEvents, frameOfLines, frameToJson, frameToRecords, isFrame } from './frames.js';
import { projectRoot } from './load.js';
import { logEventToJson } from './log-event.js';

const samples = join(projectRoot, 'bench/data');
const files = readdirSync(samples).filter((file) => /\.(log|ndjson)$/.test(file));

/** The frames of a file. */
function* framesOf(file: string, eventsMax: number) {
  const lines = readFileSync(join(samples, file));
  for (let at = 0; at < lines.length; ) {
    const made = frameOfLines(lines.subarray(at), { json: file.endsWith('.ndjson'), eventsMax });
    if (made.records.length === 0) return;
    yield made;
    at += made.consumed;
  }
}

for (const file of files) {
  test(`${file}: records and frames give the same events`, () => {
    let events = 0;
    for (const eventsMax of [7, 2048]) {
      for (const { frame, records } of framesOf(file, eventsMax)) {
        assert.ok(isFrame(frame));
        assert.equal(frameEvents(frame), records.length);
        const back = frameToRecords(frame);
        assert.equal(back.length, records.length);
        for (const [i, record] of records.entries()) assert.ok(record.equals(back[i] as Buffer), `event ${i}`);
        events += records.length;
        if (eventsMax === 7 && events > 2000) break;
      }
    }
    assert.ok(events > 100);
  });
}

test('a frame as JSON is its records as JSON', () => {
  for (const { frame, records } of framesOf('linux_auth.log', 500)) {
    assert.equal(frameToJson(frame).toString(), records.map((record) => `${logEventToJson(record)}\n`).join(''));
  }
});

test('every flipped byte and every cut of a packed frame is refused', () => {
  const { frame } = frameOfLines(readFileSync(join(samples, 'linux_auth.log')), { eventsMax: 300 });
  assert.ok(frame.length > 1000);
  const refused = (bytes: Uint8Array) =>
    assert.throws(
      () => frameToRecords(bytes),
      (error) => error instanceof CodecError && error.message.length > 10,
    );
  for (let i = 0; i < frame.length; i++) {
    const bad = Buffer.from(frame);
    bad[i] = (bad[i] as number) ^ (1 << (i % 8));
    refused(bad);
    if (i % 7 === 0) refused(frame.subarray(0, i));
  }
  refused(Buffer.concat([frame, Buffer.of(0)]));
});

test('a frame that holds more than the reader allows is refused before it is decoded', () => {
  const line = `<13>1 2026-03-01T10:00:00Z host app - - - ${'x'.repeat(60_000)}\n`;
  const { frame, records } = frameOfLines(Buffer.from(line.repeat(2000)));
  assert.ok(frame.length < 20_000, `${frame.length} bytes`);
  assert.equal(frameToRecords(frame).length, records.length);
  assert.throws(() => frameToRecords(frame, 1 << 20), { code: 'CORRUPT', message: /more than the reader's limit/ });
});

test('what repeats costs next to nothing, what does not shrink is kept as it is', () => {
  const same = frameOfLines(Buffer.from('<13>1 2026-03-01T10:00:00Z host app 1 - - the same\n'.repeat(2048)));
  assert.ok(same.frame.length < 600, `${same.frame.length} bytes`);
  const noise = Buffer.from(Array.from({ length: 2048 }, (_, i) => `<13>${Math.sin(i)} ${Math.cos(i * i)}\n`).join(''));
  const { frame, records } = frameOfLines(noise);
  assert.deepEqual(frameToRecords(frame), records);
});
