/** Mistakes in packs are all named at once, each with file, line, place and what is allowed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPacks } from '../../native/formats.js';
import { compileFormats } from './compile.js';
import { type PackProblem, problemText } from './pack-file.js';
import { readPack } from './read-pack.js';

const head = 'name: door\ntitle: Doors\nrecognise: [{app: doord}]\n';

function problemsOf(text: string): string[] {
  const { pack, problems, shared } = readPack('door/pack.yaml', 'door', text);
  const all: PackProblem[] = [...problems];
  if (pack) compileFormats([{ pack, file: 'door/pack.yaml', text, shared }], () => 0, all);
  return all.map(problemText);
}

test('a pack without a mistake', () => {
  assert.deepEqual(problemsOf(`${head}steps:\n  - match: 'a %{user.name}'\n    set: {event.outcome: success}\n`), []);
});

test('a group is one of those that lists of formats have', () => {
  assert.deepEqual(problemsOf(`${head}group: network\nsteps: []\n`), []);
  const [problem] = problemsOf(`${head}group: networks\nsteps: []\n`);
  assert.match(problem ?? '', /^door\/pack\.yaml:4: group is networks: .*network.*envelope/);
});

test('every mistake at once, with its line', () => {
  const found = problemsOf(`name: gate
title: ''
recognize: []
recognise: [{app: doord, port: 7}]
steps:
  - mach: x
    set: {event.outcome: [[1]]}
  - match: 'x'
    kv: {}
  - switch: {on: a, cases: {b: {event.kind: event}}, deflaut: {}}
`);
  for (const [line, text] of [
    [1, /name is gate: must be the folder's name, door/],
    [2, /title.*must be a text/],
    [3, /recognize: there is no such key \(did you mean recognise\?\)/],
    [4, /recognise\[0\]\.port.*there is no such key/],
    [6, /steps\[0\]\.mach.*did you mean match\?/],
    [7, /steps\[0\]\.set\.event\.outcome.*must be a text/],
    [8, /steps\[1\].*takes apart once: match and kv are two/],
    [10, /steps\[2\]\.switch\.deflaut.*did you mean default\?/],
  ] as const)
    assert.ok(
      found.some((problem) => problem.startsWith(`door/pack.yaml:${line}: `) && text.test(problem)),
      `${line} ${text} in\n${found.join('\n')}`,
    );
});

for (const [what, steps, problem] of [
  ['a capture of an unknown kind', "- match: '%{a:date}'", /there is no kind date/],
  ['two open captures', "- match: '%{a:*} %{b:*}'", /only one capture may be open/],
  ['captures with nothing between', "- match: '%{a}%{b}'", /must stand a literal/],
  ['a list for one value', '- set: {event.outcome: [success, failure]}', /has one value, not a list/],
  ['a value that ECS does not allow', '- set: {event.category: [login]}', /one of the values that ECS allows: api, /],
  ['a text for a number', '- set: {source.port: many}', /does not fit source.port, which is int/],
  ["the engine's own field", '- set: {event.original: x}', /engine's own field/],
  [
    'a field that a map wrote, in a condition',
    "- match: 'a %{_b:*}'\n    map: {_b: user.name}\n  - {when: {user.name: {present: false}}, set: {event.outcome: failure}}",
    /wrote, not a variable/,
  ],
  [
    'a field that a constant stands in, to be taken apart',
    '- set: {url.original: /a}\n  - {from: url.original, url: {}}',
    /wrote, not a variable/,
  ],
  ['a variable that nothing sets', '- map: {_x: user.name}', /no step before gives it a value/],
  ['a variable beside another destination', '- map: {a: [_x, user.name]}', /a variable, to which a value goes alone/],
  ['a pack that is not there', '- pack: nowhere', /there is no pack of that name/],
  ['a value with two cases', '- switch: {on: a, cases: {"b | b": {event.kind: event}}}', /a value has one case/],
  [
    'a value with two cases but for capitals',
    '- switch: {on: a, ignore_case: true, cases: {b: {event.kind: event}, B: {event.kind: alert}}}',
    /a value has one case/,
  ],
  [
    'a case default, which stands beside cases',
    '- switch: {on: a, cases: {b: {event.kind: event}, default: {event.kind: alert}}}',
    /cases\.default.*stands beside cases/,
  ],
  ['a case of nothing', '- switch: {on: a, cases: {"b |": {event.kind: event}}}', /none is empty/],
  ['a word for true', '- switch: {on: a, ignore_case: "yes", cases: {b: {event.kind: event}}}', /true or false/],
  [
    'a word for true in a condition',
    '- when: {a: {is: b, ignore_case: 1}}\n    set: {event.kind: event}',
    /true or false/,
  ],
  ['a word for true of a time', '- time: {from: a, formats: [ISO8601], nearest: "no"}', /true or false/],
  ['alternatives without one', '- match: []', /not an empty one/],
  ['a condition of no value', '- when: {a: []}\n    set: {event.kind: event}', /not an empty one/],
  ['any of nothing', '- when: {any: []}\n    set: {event.kind: event}', /at least one condition/],
  [
    'a value too long to be compared without regard to case',
    `- when: {a: {contains: ${'x'.repeat(257)}, ignore_case: true}}\n    set: {event.kind: alert}`,
    /at most 256 bytes/,
  ],
  [
    'a required step behind one that sets',
    '- set: {event.kind: event}\n  - match: x\n    required: true',
    /required step stands before/,
  ],
  ['an unknown grok pattern', "- grok: '%{NOTHING:a}'", /there is no pattern called NOTHING/],
  ['lookaround', "- regex: '(?=a)b'", /./],
  ['a regex that is none', "- regex: 'a('", /door\/pack\.yaml:5: steps\[0\]\.regex is a\(: unclosed group$/],
  ['a regex too large', "- regex: 'x{1000000}'", /:5: steps\[0\]\.regex is x\{1000000\}: .* more than \d+ bytes/],
  [
    'a dissect without a delimiter',
    "- dissect: '%{a}%{b}'",
    /:5: steps\[0\]\.dissect is .*no text stands between %\{a\}/,
  ],
  [
    'a date that is none',
    "- kv: {}\n    then:\n      - time: {from: b, formats: ['%Q']}",
    /:7: .*time\.formats is %Q: %Q is not/,
  ],
  ['a time of nothing', '- time: {}', /steps\[0\]\.time: must say from/],
  ['a grok reference that is not closed', "- grok: '%{IP:a'", /%\{IP:a is no reference/],
  ['an empty separator', "- kv: {pairs: ''}", /kv\.pairs is '': must have 1 to 8 bytes/],
  ['too many separators', '- kv: {values: [a, b, c, d, e]}', /kv\.values is .*at most 4 texts/],
  ['a long delimiter', "- csv: {columns: [a], delimiter: ';;'}", /csv\.delimiter is ;;: must have one byte/],
  ['more columns than there are', '- csv: {columns: [a, b], least: 5}', /csv\.least is 5: must be from 1 to .*, 2/],
  ['csv without columns', '- csv: {}', /steps\[0\]\.csv: must say columns/],
  ['the first of none', '- first_of: []', /first_of: must name at least one step/],
  ['an address that is none', '- set: {source.ip: nope}', /set\.source\.ip is nope: does not fit source\.ip/],
] as const) {
  test(`refused: ${what}`, () => {
    const found = problemsOf(`${head}steps:\n  ${steps}\n`);
    assert.ok(found.length > 0 && found.some((text) => problem.test(text)), found.join('\n'));
  });
}

test('YAML that is none', () => {
  assert.match(problemsOf('name: [')[0] as string, /door\/pack\.yaml:\d+: the file: must be valid YAML/);
  // Refused by its size, not by what parsing it would have found.
  assert.deepEqual(problemsOf(`name: [${' '.repeat(1 << 20)}`), ['door/pack.yaml:1: the file: must be at most 1 MiB']);
});

test('a plan with any byte changed is refused or runs; it never does anything else', () => {
  const text = `${head}steps:\n  - match: 'a %{user.name} %{source.port:int}'\n    required: true\n  - switch: {on: user.name, cases: {b: {event.kind: event}}}\n`;
  const { pack, shared } = readPack('door/pack.yaml', 'door', text);
  assert.ok(pack);
  const { plan } = compileFormats([{ pack, file: 'door/pack.yaml', text, shared }], () => 0, []);
  const frame = Buffer.from('<38>Nov 21 10:00:00 host1 doord[1]: a b 7');
  let refused = 0;
  for (let at = 0; at < plan.length; at++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const damaged = Uint8Array.from(plan);
      damaged[at] = value;
      try {
        createPacks(damaged).explain(frame, false, 0n, 0, 0xffffffff, false, 1, 0, {
          truncated: false,
          eventHash: false,
          keepOriginal: 0,
          documentEventsMax: 1,
        });
      } catch {
        refused++;
      }
    }
  }
  assert.ok(refused > 100, `${refused} of ${4 * plan.length} were refused`);
});
