/** Conditions: { variable: value }, { variable: { starts: x } }, { any: [...] }, { not: ... }. */
import { parseNetwork } from '../enrich/networks.js';
import type { Condition, Test } from './pack-file.js';
import type { Path, Reader } from './reader.js';

const tests = [
  'present',
  'ip',
  'is',
  'starts',
  'ends',
  'contains',
  'less',
  'more',
  'network',
  'not',
  'ignore_case',
] as const;

export function readCondition(reader: Reader, value: unknown, path: Path): Condition {
  const raw = reader.object(value, path) ?? {};
  const conditions = Object.entries(raw).map(([name, item]): Condition => {
    const at = [...path, name];
    if (name === 'any' || name === 'all') {
      const list = reader.list(item, at);
      if (Array.isArray(item) && list.length === 0) reader.problem(at, 'must list at least one condition');
      return { kind: name, conditions: list.map((one, i) => readCondition(reader, one, [...at, i])) };
    }
    if (name === 'not') return { kind: 'not', condition: readCondition(reader, item, at) };
    return readTest(reader, name, item, at);
  });
  if (conditions.length === 0) reader.problem(path, 'must name at least one variable');
  return conditions.length === 1 ? (conditions[0] as Condition) : { kind: 'all', conditions };
}

/** Bytes of a value that is compared without regard to case (half of kFoldBytes, native/src/packs/tests.h). */
const foldedBytesMax = 256;

/** As it is compared with texts in small letters: of a to z alone, as lower_case (native/src/packs/tests.cc) makes them. */
export function folded(reader: Reader, text: string, path: Path): string {
  if (Buffer.byteLength(text) > foldedBytesMax)
    reader.problem(path, `with ignore_case a value has at most ${foldedBytesMax} bytes`, text);
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function readTest(reader: Reader, variable: string, value: unknown, path: Path): Condition {
  const make = (test: Test): Condition => ({ kind: 'test', variable, test });
  const fold = (text: string, ignoreCase: boolean) => (ignoreCase ? folded(reader, text, path) : text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return make({ kind: 'equals', values: reader.texts(value, path), ignoreCase: false });
  const raw = reader.object(value, path, tests) ?? {};
  const ignoreCase = reader.flag(raw.ignore_case, [...path, 'ignore_case']);
  const conditions: Condition[] = [];
  for (const [key, item] of Object.entries(raw)) {
    const at = [...path, key];
    if (key === 'present' || key === 'ip') {
      if (typeof item !== 'boolean') reader.problem(at, 'must be true or false', item);
      const condition = make({ kind: key });
      conditions.push(item === false ? { kind: 'not', condition } : condition);
    } else if (key === 'is' || key === 'not') {
      const condition = make({
        kind: 'equals',
        values: reader.texts(item, at).map((text) => fold(text, ignoreCase)),
        ignoreCase,
      });
      conditions.push(key === 'not' ? { kind: 'not', condition } : condition);
    } else if (key === 'network') {
      const values = reader.texts(item, at);
      for (const text of values)
        if (parseNetwork(text) === undefined)
          reader.problem(at, 'must name networks such as 10.0.0.0/8 and fd00::/8, or addresses', text);
      conditions.push(make({ kind: key, values }));
    } else if (key === 'less' || key === 'more') {
      if (typeof item !== 'number') reader.problem(at, 'must be a number', item);
      conditions.push(make({ kind: key, value: String(item), ignoreCase: false }));
    } else if (key === 'starts' || key === 'ends' || key === 'contains') {
      const any = reader.texts(item, at).map((text) => make({ kind: key, value: fold(text, ignoreCase), ignoreCase }));
      conditions.push(any.length === 1 ? (any[0] as Condition) : { kind: 'any', conditions: any });
    }
  }
  if (conditions.length === 0) reader.problem(path, `must say one of ${tests.join(', ')}`, value);
  return conditions.length === 1 ? (conditions[0] as Condition) : { kind: 'all', conditions };
}
