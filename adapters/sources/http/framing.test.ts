import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { documents } from './documents.js';
import { frame, pieceBytesMax } from './framing.js';
import { framesOf } from './testing.js';

/** A small generator with a seed, so that a failure can be run again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomValue(pick: (below: number) => number, depth: number): unknown {
  const texts = ['', 'plain', 'a,b', ']}', '"', '\\', '\\"', '[{', 'é\u2028', '\n', 'x'.repeat(pick(300))];
  switch (pick(depth > 3 ? 4 : 6)) {
    case 0:
      return pick(2) === 0;
    case 1:
      return null;
    case 2:
      return pick(1e6) / 7;
    case 3:
      return texts[pick(texts.length)];
    case 4:
      return Array.from({ length: pick(4) }, () => randomValue(pick, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: pick(4) }, (_, i) => [`${texts[pick(texts.length)]}${i}`, randomValue(pick, depth + 1)]),
      );
  }
}

test('an array of anything comes apart into its elements', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const pick = random(seed);
    const values = Array.from({ length: pick(30) }, () => randomValue(pick, 0));
    const indent = [undefined, 1, '\t'][pick(3)];
    const body = Buffer.from(`${' '.repeat(pick(3))}${JSON.stringify(values, null, indent)}${'\n'.repeat(pick(3))}`);
    const framed = frame(body, 'json', 1 << 20);
    const elements = framed.pieces.flatMap((piece) => framesOf(piece.bytes, 'prefixed'));
    assert.deepEqual(
      elements.map((text) => JSON.parse(text)),
      values,
      `seed ${seed}`,
    );
    assert.equal(
      framed.pieces.reduce((sum, piece) => sum + piece.count, 0),
      values.length,
    );
  }
});

test('large bodies are cut between events into pieces of bounded size', () => {
  for (const kind of ['json', 'ndjson'] as const) {
    for (let seed = 1; seed <= 10; seed++) {
      const pick = random(seed);
      const events = Array.from({ length: 3000 }, (_, i) => JSON.stringify({ i, text: 'x'.repeat(pick(900)) }));
      const body = Buffer.from(
        kind === 'json' ? `[${events.join(',')}]` : events.join(pick(2) === 0 ? '\n' : '\r\n\n'),
      );
      const framed = frame(body, kind, 65536);
      assert.ok(framed.pieces.length > 3);
      assert.ok(framed.pieces.every((piece) => piece.bytes.length <= pieceBytesMax));
      assert.deepEqual(
        framed.pieces.flatMap((piece) => framesOf(piece.bytes, framed.framing)),
        events,
      );
      for (const piece of framed.pieces) assert.equal(framesOf(piece.bytes, framed.framing).length, piece.count);
    }
  }
});

test('white space is no event, but in text', () => {
  for (const kind of ['json', 'ndjson', 'sniff', 'curl'] as const)
    for (const body of ['', ' ', ' \r\n\t \n', '\ufeff', '\ufeff \n'])
      assert.deepEqual(frame(Buffer.from(body), kind, 1000).pieces, [], `${kind} ${JSON.stringify(body)}`);
  assert.equal(frame(Buffer.from('  \n'), 'text', 1000).pieces[0]?.count, 1);
});

test('a body of nothing but separators is cheap and empty', () => {
  assert.deepEqual(frame(Buffer.alloc(4 << 20, '\n'), 'ndjson', 100).pieces, []);
  assert.throws(() => frame(Buffer.from(`[${','.repeat(1 << 20)}]`), 'json', 100), /malformed/);
  assert.throws(() => frame(Buffer.from('['.repeat(1 << 20)), 'json', 100), /malformed/);
  const ones = frame(Buffer.from(`[${'1,'.repeat(1 << 20)}1]`), 'json', 100);
  assert.equal(
    ones.pieces.reduce((sum, piece) => sum + piece.count, 0),
    (1 << 20) + 1,
  );
});

test('a document of many events larger than a message becomes several, each with what stands around the array', () => {
  const elements = Array.from({ length: 300 }, (_, i) => ({ id: i, text: `"]},[{ ${'x'.repeat(i % 50)}` }));
  const document = { messageType: 'DATA_MESSAGE', owner: '1', logEvents: elements, tail: [1, { a: '}' }] };
  const body = Buffer.from(JSON.stringify(document, null, 1));
  const { pieces, framing, format } = frame(body, 'json', 2000);
  assert.equal(format, 'json');
  const parts = pieces
    .flatMap(({ bytes }) => framesOf(bytes, framing))
    .map((text) => JSON.parse(text) as typeof document);
  assert.ok(parts.length > 5);
  assert.deepEqual(
    parts.flatMap(({ logEvents }) => logEvents),
    elements,
  );
  for (const { logEvents, ...around } of parts) {
    assert.ok(logEvents.length > 0);
    assert.deepEqual(around, { messageType: 'DATA_MESSAGE', owner: '1', tail: document.tail });
  }
});

/** The events of `document` that stand where `path` says, each with the members around it, in order. */
function eventsOf(document: unknown, path: string): unknown[] {
  const [keys, ...rest] = path.split('[*].');
  const inner = keys!.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], document);
  if (!Array.isArray(inner)) return [document];
  const around = JSON.stringify(document, (_, value) => (value === inner ? '#' : value));
  return inner.flatMap((element) =>
    (rest.length === 0 ? [element] : eventsOf(element, rest.join('[*].'))).map((event) => [around, event]),
  );
}

test('arrays within each other come apart as far as it takes, each event with what stands around it', () => {
  let cut = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const pick = random(seed);
    const some = <T>(max: number, make: (i: number) => T) => Array.from({ length: pick(max + 1) }, (_, i) => make(i));
    const document = {
      schemaUrl: 'a',
      resourceLogs: some(6, (i) => ({
        resource: { attributes: [{ key: '"]}', value: { intValue: `${i}` } }] },
        scopeLogs: some(3, (j) => ({
          scope: { name: `s${j}` },
          ...(pick(4) > 0 && {
            logRecords: some(200, (k) => ({ i, j, k, body: { stringValue: 'x],'.repeat(pick(40)) } })),
          }),
          schemaUrl: `${j}`,
        })),
      })),
      last: [[], {}],
    };
    const body = Buffer.from(JSON.stringify(document, null, seed % 3));
    const path = 'resourceLogs[*].scopeLogs[*].logRecords';
    const { pieces, framing } = frame(body, 'json', 4000);
    const parts = pieces.flatMap(({ bytes }) => framesOf(bytes, framing));
    assert.ok(parts.every((text) => text.length <= 4000));
    cut += parts.length > 2 ? 1 : 0;
    const events = (documents: readonly unknown[]) =>
      documents.flatMap((each) => eventsOf(each, path)).map((event) => JSON.stringify(event));
    assert.deepEqual(events(parts.map((text) => JSON.parse(text))), events([document]), `seed ${seed}`);
  }
  assert.ok(cut > 20);
});

test('every shipped pack that takes documents apart has its document here', () => {
  const folder = new URL('../../../../adapters/formats/', import.meta.url);
  const known = documents.map(({ path }) => path);
  for (const name of readdirSync(folder)) {
    const file = new URL(`${name}/pack.yaml`, folder);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const path = /^(?:split: (?:\{array: )?|unwind: )([^\s,}]+)/m.exec(text)?.[1];
    if (path === undefined) continue;
    assert.ok(
      known.some((each) => each === path || each.startsWith(`${path}[*]`) || each.endsWith(`[*].${path}`)),
      `${name}: ${path}`,
    );
  }
});

test('what only looks like such a document is too large', () => {
  const long = `"${'x'.repeat(3000)}"`;
  for (const text of [
    `{"text":"\\"Records\\":[","a":[${long}]}`,
    `{"a":{"Records":[1,${long}]}}`,
    `{"value":[1,2,${long}]}`,
    `{"value":[${'1,'.repeat(2000)}1],"besides":{"@odata.context":1}}`,
    `{"resourceLogs":[{"resource":${long},"scopeLogs":[{"logRecords":[${'1,'.repeat(200)}1]}]}]}`,
    `{"Records":[1,${long}]}`,
    `{"Records":[1],"besides":${long}}`,
    `{"kind":"","items":[${' '.repeat(3000)}]}`,
    `{"items":[1,{"events":[${' '.repeat(3000)}]}],"kind":1}`,
    `{"Records":[1,${long}`,
  ])
    assert.throws(() => frame(Buffer.from(text), 'json', 2000), /larger than 2000 bytes/, text.slice(0, 40));
});
