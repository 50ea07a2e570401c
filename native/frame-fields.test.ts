/** Some fields of a frame, read natively: what its whole events hold; damage and lies are refused. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { frameFields } from '../schema/frames/index.js';
import { ecsFields } from '../schema/generated/ecs-fields.js';
import { CodecError } from './codecs.js';
import { frameFieldValues } from './frame-fields.js';
import { frameOfLines } from './frames.js';
import { projectRoot } from './load.js';

const data = (folder: string) => join(projectRoot, 'test/data', folder);
const names = [
  '@timestamp',
  'event.original',
  'message',
  'host.hostname',
  'log.level',
  'process.pid',
  'source.port',
  'tags',
  'a',
  'nobody',
];

type Value = string | bigint | number | boolean | null;
const shapes = new Map(ecsFields.map(([name, , shape]) => [name, shape]));
const plainly = (value: unknown): unknown =>
  typeof value === 'string' || value instanceof Uint8Array ? Buffer.from(value as string).toString('latin1') : value;

/** `field:event` → its values in order. */
function valuesOf(frame: Uint8Array): Map<string, Value[]> {
  const found = frameFieldValues(frame, names);
  const values = new Map<string, Value[]>();
  for (const [i, event] of found.events.entries()) {
    const name = names[found.wanted[i] as number] as string;
    const key = `${name}:${event}`;
    const kind = found.kinds[i] as number;
    const number = found.numbers[i] as bigint;
    let value: Value = number;
    if (kind === 8) value = null;
    else if ([0, 4, 9].includes(kind)) value = found.bytes.toString('latin1', found.ends[i - 1] ?? 0, found.ends[i]);
    else if (kind === 7 || shapes.get(name) === 'bool') value = number !== 0n;
    else if (kind === 6 || shapes.get(name) === 'double')
      value = new Float64Array(BigInt64Array.of(number).buffer)[0] as number;
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return values;
}

for (const file of readdirSync(data('frames')).filter((name) => name.endsWith('.frame'))) {
  test(`${file}: fields read natively are those read in TypeScript`, () => {
    const frame = readFileSync(join(data('frames'), file));
    const native = valuesOf(frame);
    let values = 0;
    for (const [name, column] of Object.entries(frameFields(frame, names))) {
      for (const [event, expected] of column.entries()) {
        const all = expected === undefined ? [] : Array.isArray(expected) ? expected : [expected];
        assert.deepEqual(native.get(`${name}:${event}`) ?? [], all.map(plainly), `${name} of event ${event}`);
        values += all.length;
      }
    }
    assert.ok(values > 50);
  });
}

for (const file of readdirSync(data('frames-refused'))) {
  // What whole events alone tell: the checksum of their originals, their size together.
  if (/^(another-original|more-decoded-than-there-is)/.test(file)) continue;
  test(`refused: ${file}`, () => {
    const frame = readFileSync(join(data('frames-refused'), file));
    const refused = (error: unknown) => error instanceof Error && error.message.length > 10;
    assert.throws(() => frameFieldValues(frame, names), refused);
  });
}

test('every flipped byte and every cut is refused', () => {
  const { frame } = frameOfLines(readFileSync(join(projectRoot, 'bench/data/linux_auth.log')), { eventsMax: 100 });
  const refused = (bytes: Uint8Array) => assert.throws(() => frameFieldValues(bytes, names), CodecError);
  for (let i = 0; i < frame.length; i++) {
    const bad = Buffer.from(frame);
    bad[i] = (bad[i] as number) ^ (1 << (i % 8));
    refused(bad);
    if (i % 7 === 0) refused(frame.subarray(0, i));
  }
});

test('more fields than can be read at once are refused', () => {
  const { frame } = frameOfLines(Buffer.from('<13>1 2026-03-01T10:00:00Z h a 1 - - x\n'));
  const many = Array.from({ length: 65 }, (_, i) => `f${i}`);
  assert.throws(() => frameFieldValues(frame, many), RangeError);
  assert.equal(frameFieldValues(frame, []).events.length, 0);
});
