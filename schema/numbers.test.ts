/** Field numbers are for ever: stored events must stay readable. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../native/load.js';
import { encodeLogEvent } from '../native/log-event.js';
import { logEventType, readLogEvent } from './reader.js';

interface Lock {
  fields: Record<string, string>;
  reserved: Record<string, string>;
}
interface Table {
  assignNumbers(
    table: readonly object[],
    layout: object,
    lock: Lock,
  ): { fields: { name: string; number: number }[]; lock: Lock };
}

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');
const lock: Lock = JSON.parse(read('schema/numbers.json'));

/** "number name type" of every number ever given, in order. */
const given = [
  ...Object.entries(lock.fields).map(([name, entry]) => entry.replace(' ', ` ${name} `)),
  ...Object.entries(lock.reserved).map(([number, entry]) => `${number} ${entry}`),
].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));

test('no number ever given has changed', () => {
  // One line per release that added numbers: how many there were, and their digest. Lines are added, never changed.
  const released: [count: number, digest: string][] = [
    [2613, '54f64de47e140f593a8cf85aeedbba740f920db419d50fe301e3c6c290cd6435'],
  ];
  for (const [count, digest] of released) {
    const sum = createHash('sha256').update(given.slice(0, count).join('\n')).digest('hex');
    assert.equal(sum, digest, `the first ${count} numbers of schema/numbers.json`);
  }
  assert.equal(new Set(given.map((line) => line.split(' ')[0])).size, given.length, 'a number is given twice');
});

test('the lock rules: kept, next free, reserved, taken up again', async () => {
  const { assignNumbers } = (await import(pathToFileURL(join(projectRoot, 'tools/lib/ecs-table.mjs')).href)) as Table;
  const layout = { own: [], fixed: { a: 6 }, attrs: 15, reserved: [16], spans: 21, hot: ['h'] };
  const table = (types: Record<string, string>) =>
    Object.entries(types).map(([name, proto]) => ({ name, proto, repeated: false }));
  const numbers = (result: ReturnType<Table['assignNumbers']>) =>
    Object.fromEntries(result.fields.map((f) => [f.name, f.number]));

  const first = assignNumbers(table({ a: 'string', h: 'int64', x: 'string' }), layout, { fields: {}, reserved: {} });
  assert.deepEqual(numbers(first), { a: 6, h: 17, x: 18 });
  const second = assignNumbers(table({ a: 'string', b: 'bool', h: 'string' }), layout, first.lock);
  assert.deepEqual(numbers(second), { a: 6, b: 19, h: 20 });
  assert.deepEqual(second.lock.reserved, { 17: 'h int64', 18: 'x string' });
  const third = assignNumbers(table({ a: 'string', b: 'bool', h: 'string', x: 'string' }), layout, second.lock);
  assert.deepEqual(numbers(third), { a: 6, b: 19, h: 20, x: 18 });
  assert.deepEqual(third.lock.reserved, { 17: 'h int64' });
});

test('a reader with an older schema reads a newer event', () => {
  const { protobuf } = encodeLogEvent({
    createdNs: 5n,
    id: [1, 2, 3, 4, 5],
    message: 'm',
    problems: [],
    fields: [
      ['host.hostname', 'string', 'h'],
      ['host.ip', 'string', '::1'],
      ['event.severity', 'int', 3n],
      ['event.risk_score', 'double', 1.5],
      ['event.start', 'int', 1n],
    ],
    attrs: [['a', 'int', 1n]],
  });
  const older = read('schema/log_event.proto')
    .split('\n')
    .filter((line) => Number(/^ {2}\w.* = (\d+);/.exec(line)?.[1] ?? 0) <= 16)
    .join('\n');
  const event = readLogEvent(protobuf, logEventType(older));
  assert.deepEqual(
    event.fields,
    new Map([
      ['message', 'm'],
      ['host.hostname', 'h'],
    ]),
  );
  assert.deepEqual(event.attrs, new Map([['a', 1n]]));
});

test('generated files are what the generator makes', async () => {
  const generator = (await import(pathToFileURL(join(projectRoot, 'tools/generators/log_event.mjs')).href)) as {
    generate(): Promise<Map<string, string>>;
  };
  for (const [path, content] of await generator.generate())
    assert.equal(read(path), content, `${path} is stale: run npm run generate`);
});
