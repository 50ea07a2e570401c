/** The regular expressions that format packs have, against the conformance cases of rust-lang/regex. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from './load.js';
import { Pattern, PatternError } from './patterns.js';

type SpanText = [number, number] | [];
interface Case {
  readonly file: string;
  readonly name: string;
  readonly regex: string | string[];
  readonly haystack: string;
  readonly matches: ([number, number] | SpanText[] | { id: number; span?: [number, number]; spans?: SpanText[] })[];
  readonly compiles?: boolean;
  readonly anchored?: boolean;
  readonly 'case-insensitive'?: boolean;
  readonly unescape?: boolean;
}

/** Settings of other engines, of searches in the middle of a text and of sets of patterns: nothing a pack can ask for. */
const otherSettings = ['bounds', 'line-terminator', 'match-kind', 'search-kind', 'unicode', 'utf8'] as const;

const cases = readFileSync(join(projectRoot, 'test/data/patterns/regex.ndjson'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Case)
  .filter((one) => !Array.isArray(one.regex) && otherSettings.every((setting) => !(setting in one)));

test('the conformance cases of rust-lang/regex: first match and its groups', () => {
  assert.ok(cases.length > 700, `only ${cases.length} cases`);
  const wrong = cases.filter((one) => !holds(one)).map((one) => `${one.file}/${one.name}: ${one.regex}`);
  assert.deepEqual(wrong, []);
});

test('a pattern that cannot be matched in linear time, or is too large, is refused with a reason', () => {
  for (const source of ['(?=a)', '(a)\\1', '(', 'x{9999}{9999}', '(?-u:\\xff)'])
    assert.throws(
      () => new Pattern(source),
      (error) => error instanceof PatternError && error.message.length > 10,
    );
});

function holds(one: Case): boolean {
  const source = one['case-insensitive'] ? `(?i:${one.regex})` : (one.regex as string);
  const text = one.unescape ? unescaped(one.haystack) : Buffer.from(one.haystack);
  let pattern: Pattern;
  try {
    pattern = new Pattern(source);
  } catch (error) {
    // Made to be large: what we refuse for its size, upstream matches with a larger limit.
    return one.compiles === false || (one.file === 'expensive' && /needs more than/.test((error as Error).message));
  }
  const found = pattern.find(text, one.anchored);
  const [first] = one.matches;
  if (first === undefined || found === undefined) return first === undefined && found === undefined;
  const { spans } = normalised(first);
  return spans.every((span, group) => String(span) === String(found[group] ?? []));
}

function normalised(match: Case['matches'][number]): { spans: SpanText[] } {
  if (!Array.isArray(match)) return { spans: match.spans ?? [match.span as [number, number]] };
  return { spans: Array.isArray(match[0]) ? (match as SpanText[]) : [match as [number, number]] };
}

function unescaped(text: string): Buffer {
  const parts = text.split(/(\\x[0-9A-Fa-f]{2}|\\.)/).map((part) => {
    if (part.startsWith('\\x')) return Buffer.from(part.slice(2), 'hex');
    if (part.startsWith('\\'))
      return Buffer.from({ n: '\n', r: '\r', t: '\t', '0': '\0' }[part[1] as string] ?? part.slice(1));
    return Buffer.from(part);
  });
  return Buffer.concat(parts);
}
