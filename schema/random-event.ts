/** Events from a seed, for property tests: every field of the table in turn, odd texts, attributes that clash. */
import type { PlainEvent, PlainValue } from '../native/log-event.js';
import { ecsFields } from './generated/ecs-fields.js';

const members = new Set(['@timestamp', 'event.created', 'event.id', 'event.original', 'message', 'log.source.address']);
const entries = ecsFields.filter(([name]) => !members.has(name));
const texts = [
  '',
  'x',
  'a "quoted" \\ text',
  'tab\tnl\nnul\0esc\u001b',
  'größe 日本語 😀',
  'y'.repeat(127),
  'z'.repeat(128),
  '{"a":1}',
  '\u2028\u007f',
];
const jsons = [
  '{"a":{"b":[1,2.5,null]},"c":"d"}',
  '[]',
  '{}',
  '12345678901234567890',
  '"text"',
  '[{"a":"\\u00e9"}]',
  'null',
];
const names = [
  'a',
  'a.b',
  'a.b.c',
  'a.c',
  'a-b',
  'b',
  'b.a',
  'event.id',
  'event.x',
  'tags',
  'host',
  '',
  '.',
  'x..y',
  'ключ',
  'attrs.tags',
  '__proto__',
];
const ints = [0n, 1n, -1n, 127n, 128n, -64n, 300n, 65535n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const doubles = [0, -0, 1.5, 1e300, -2.5e-8, 5e-324, 0.1, 123456789];
const problems = ['truncated', 'invalid_utf8', 'syslog_header', 'json_syntax', 'syslog_no_priority', 'empty'];

/** mulberry32: the same numbers for the same seed everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Event `index` of a series: among its fields is table entry `index`, so that a long series has them all. */
export function randomEvent(random: () => number, index: number): PlainEvent {
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const int = () => (below(2) === 0 ? pick(ints) : BigInt(below(2 ** 31)) - 2n ** 30n);
  const text = () =>
    below(3) === 0
      ? pick(texts)
      : Math.floor(random() * 2 ** 40)
          .toString(36)
          .repeat(below(6));

  const field = (at: number): PlainValue[] => {
    const [name, , shape, repeated] = entries[at % entries.length]!;
    const one = (): PlainValue => {
      if (shape === 'int' || shape === 'date') return [name, 'int', int()];
      if (shape === 'double') return [name, 'double', pick(doubles)];
      if (shape === 'bool') return [name, 'bool', below(2) === 1];
      return shape === 'json' ? [name, 'json', pick(jsons)] : [name, 'string', text()];
    };
    return Array.from({ length: repeated ? 1 + below(4) : 1 }, one);
  };
  const attr = (): PlainValue => {
    const name = below(3) === 0 ? text() : pick(names);
    const kinds: PlainValue[] = [
      [name, 'string', text()],
      [name, 'int', int()],
      [name, 'double', pick(doubles)],
      [name, 'bool', below(2) === 1],
      [name, 'null', null],
      [name, 'json', pick(jsons)],
    ];
    return pick(kinds);
  };
  const optional = <K extends string, T>(key: K, make: () => T) =>
    (below(3) > 0 ? { [key]: make() } : {}) as { [P in K]?: T };
  return {
    createdNs: 1_700_000_000_000_000_000n + BigInt(index) * 1_000_003n,
    ...optional('timestampNs', int),
    id: [below(2 ** 32), below(2 ** 32), below(65536), below(2 ** 40), below(2 ** 24)],
    ...optional('original', () => Uint8Array.from({ length: below(300) }, () => below(256))),
    ...optional('message', text),
    ...optional('peer', () => `192.0.2.${1 + below(254)}`),
    problems: below(4) === 0 ? [[pick(problems), below(70_000)]] : [],
    fields: [...field(index), ...Array.from({ length: below(12) }, () => field(below(entries.length))).flat()],
    attrs: Array.from({ length: below(2) * below(8) }, attr),
  };
}
