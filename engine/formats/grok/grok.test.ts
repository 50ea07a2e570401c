/** Grok expressions against the standard libraries and the cases of elastic/go-grok. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../native/load.js';
import { Pattern } from '../../../native/patterns.js';
import { expandGrok, GrokError } from './expand.js';
import { type LibraryName, standardLibrary, withPatterns } from './library.js';
import { TranslateError, translate } from './translate.js';

function grok(expression: string, text: string, library = standardLibrary(), namesOnly = true) {
  const { source, captures } = expandGrok(expression, library, namesOnly);
  const bytes = Buffer.from(text);
  const spans = new Pattern(source).find(bytes);
  if (!spans) return undefined;
  const found = captures.flatMap(({ group, name }) => {
    const span = spans[group];
    return span && span[0] < span[1] ? [[name, bytes.toString('utf8', ...span)] as const] : [];
  });
  return Object.fromEntries(found);
}

for (const name of ['ecs-v1', 'legacy'] as LibraryName[]) {
  test(`every pattern of ${name} compiles`, () => {
    const library = standardLibrary(name);
    assert.ok(library.size > 250, `only ${library.size} patterns`);
    for (const pattern of library.keys()) {
      assert.doesNotThrow(() => new Pattern(expandGrok(`%{${pattern}}`, library).source), pattern);
    }
  });
}

test('captures: names of ECS, types, alternatives under one name', () => {
  const { captures } = expandGrok('%{IP:[source][ip]} %{INT:n:int} (?<[a][b]>x)|(?<y>z) %{WORD}', standardLibrary());
  assert.deepEqual(captures, [
    { group: 1, name: 'source.ip', type: 'string' },
    { group: 2, name: 'n', type: 'int' },
    { group: 3, name: 'a.b', type: 'string' },
    { group: 4, name: 'y', type: 'string' },
  ]);
  assert.deepEqual(grok('%{IPORHOST:h} %{NUMBER:n}', '198.51.100.250 -1.5'), { h: '198.51.100.250', n: '-1.5' });
  assert.deepEqual(grok('%{WORD}', 'a b', standardLibrary(), false), { WORD: 'a' });
});

test('what has no equivalent is refused, with the reason', () => {
  const refused = (expression: string, reason: RegExp, kind: unknown = TranslateError) =>
    assert.throws(
      () => expandGrok(expression, standardLibrary()),
      (error: Error) => {
        assert.ok(error instanceof (kind as typeof Error));
        assert.match(error.message, reason);
        return true;
      },
    );
  refused('a(?=b)', /lookahead is not supported/);
  refused('(?<!b)a', /lookbehind is not supported/);
  refused('(a)\\1', /back-references/);
  refused('\\Ga', /escape \\G/);
  refused('[a', /not closed/);
  refused('(?@a)', /group \(\?@a/);
  refused('a\\', /backslash/);
  refused('%{NO_SUCH}', /no pattern called NO_SUCH/, GrokError);
  refused('%{INT:n:integer}', /integer is not a type/, GrokError);
  const loop = withPatterns(standardLibrary(), { A: 'x%{B}', B: '%{A}' });
  assert.throws(() => expandGrok('%{A}', loop), /contains itself: A > B > A/);
  const bomb = withPatterns(
    standardLibrary(),
    Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`P${i}`, i === 0 ? 'aaaaaaaaaa' : `%{P${i - 1}}%{P${i - 1}}`]),
    ),
  );
  assert.throws(() => expandGrok('%{P39}', bomb), /longer than \d+ characters/);
});

test('translation of syntax', () => {
  const cases: [string, string][] = [
    ['(a)(?:b)(?<n>c)', '(?:a)(?:b)(c)'],
    ["(?>a+)(?'q'b)", '(?:a+)(b)'],
    ['\\d\\w\\s\\h\\D[\\d\\W]', '[0-9][0-9A-Za-z_][\\t-\\r ][0-9A-Fa-f][^0-9][0-9[^0-9A-Za-z_]]'],
    ['\\bx\\b\\A\\z', '(?-u:\\b)x(?-u:\\b)\\A\\z'],
    ['{ a{2} a{,3} a{1,} {x}', '\\{ a{2} a{0,3} a{1,} \\{x}'],
    ['[[[:alnum:]]_%~~+--]', '[[[:alnum:]]_%\\~~+\\--]'],
    ['[]a][^]b][a[]', '[\\]a][^\\]b][a\\[]'],
    ['(?m:.)(?i)a(?mi-x:b)', '(?s:.)(?i)a(?si-x:b)'],
    ['a(?#note)b\\/\\"\\_\\-\\<', 'ab/"_\\-<'],
    ['\\x41\\u00e9\\p{L}\\e', '\\x41\\u00e9\\p{L}\\x1B'],
  ];
  for (const [from, to] of cases) {
    assert.equal(translate(from).source, to);
    new Pattern(to);
  }
});

interface GoGrokCase {
  readonly suite: string;
  readonly name: string;
  readonly pattern: string;
  readonly extra_patterns: Record<string, string> | null;
  readonly input: string;
  readonly expected: Record<string, string> | boolean | null;
}

/** Its library calls some fields otherwise than Logstash's. */
const otherNames: readonly (readonly [RegExp, string])[] = [
  [/\.address$/, '.ip'],
  [/\.body\.size$/, '.body.bytes'],
  [/^host\.name$/, 'host.hostname'],
  [/\.protocol\.name$/, '.protocol'],
  [/^metadata\./, '@metadata.'],
  [/^db\.mongodb\./, 'mongodb.'],
  [/\.message\.body\.size$/, '.message.size'],
  [/^process\.command$/, 'process.name'],
];

/**
 * And differs on purpose: on an invention that is no line of exim's (`H=(mail.example.com) (192.168.1.1) [192.168.1.1]:25`), in
 * what it makes of MongoDB's braces, and in a pattern that has no name in Logstash's.
 */
const ofAnotherLibrary =
  /^EXIM.*: source\.(address|host\.name)$|^MONGO_QUERY: |^MONGO_SLOWQUERY: db.mongodb.query.original$|^HAPROXYTIME: SECOND$/;

test('the cases of elastic/go-grok', () => {
  const cases = readFileSync(join(projectRoot, 'test/data/patterns/go-grok.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as GoGrokCase);
  const wrong: string[] = [];
  for (const one of cases) {
    let found: Record<string, string> | undefined;
    try {
      found = grok(one.pattern, one.input, withPatterns(standardLibrary(), one.extra_patterns ?? {}), false);
    } catch (error) {
      wrong.push(`${one.suite}/${one.name}: ${(error as Error).message}`);
      continue;
    }
    const expected = one.expected ?? {};
    if (typeof expected === 'boolean') {
      if ((found !== undefined) !== expected) wrong.push(`${one.suite}/${one.name}`);
    } else if (!found && Object.keys(expected).length > 0) {
      wrong.push(`${one.suite}/${one.name}: no match`);
    } else {
      for (const [key, value] of Object.entries(expected)) {
        const right = namesOf(key).some((name) => found?.[name] === String(value));
        if (!right && !ofAnotherLibrary.test(`${one.name}: ${key}`))
          wrong.push(`${one.suite}/${one.name}: ${key} is ${found?.[key]}, not ${value}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

function namesOf(key: string): string[] {
  return [key, ...otherNames.filter(([from]) => from.test(key)).map(([from, to]) => key.replace(from, to))];
}
