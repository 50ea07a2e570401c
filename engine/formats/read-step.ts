/** Steps, and what stands in them. */
import { type BlockName, blockOptions, isBlock, readBlock } from './block-options.js';
import type { Dest, Scalar, SetMap, Step, Switch, Take } from './pack-file.js';
import { folded, readCondition } from './read-condition.js';
import type { Path, Reader } from './reader.js';

const blockNames = Object.keys(blockOptions) as BlockName[];
export const stepKeys: readonly string[] = [
  'when',
  'from',
  'match',
  ...blockNames,
  'json',
  'pack',
  'time',
  'required',
  'map',
  'under',
  'set',
  'switch',
  'first_of',
  'then',
];
const takes = ['match', ...blockNames, 'json', 'pack', 'time'];
const variablePattern = /^[A-Za-z_@][\w@.-]*$/;
const depthMax = 16;

export function readSteps(reader: Reader, value: unknown, path: Path): Step[] {
  if (path.length > depthMax * 2) {
    reader.problem(path, `steps are at most ${depthMax} deep`);
    return [];
  }
  return reader.list(value, path).flatMap((item, i) => readStep(reader, item, [...path, i]));
}

export function readStep(reader: Reader, value: unknown, path: Path): Step[] {
  const raw = reader.object(value, path, stepKeys);
  if (!raw) return [];
  const at = (key: string) => [...path, key];
  const named = takes.filter((key) => raw[key] !== undefined);
  if (named.length > 1)
    reader.problem(path, `takes apart once: ${named.join(' and ')} are two; put the second below then`);
  const take = named[0] === undefined ? undefined : readTake(reader, named[0], raw[named[0]], at(named[0]));
  return [
    {
      path,
      required: reader.flag(raw.required, at('required')),
      ...(raw.when === undefined ? {} : { when: readCondition(reader, raw.when, at('when')) }),
      ...(raw.from === undefined ? {} : { from: readVariable(reader, raw.from, at('from')) }),
      ...(take && { take }),
      ...(raw.map === undefined ? {} : { map: readMap(reader, raw.map, at('map')) }),
      ...(raw.under === undefined ? {} : { under: readUnder(reader, raw, at('under')) }),
      ...(raw.set === undefined ? {} : { set: readSet(reader, raw.set, at('set')) }),
      ...(raw.switch === undefined ? {} : { switch: readSwitch(reader, raw.switch, at('switch')) }),
      ...(raw.first_of === undefined ? {} : { firstOf: readFirstOf(reader, raw.first_of, at('first_of')) }),
      ...(raw.then === undefined ? {} : { below: readSteps(reader, raw.then, at('then')) }),
    },
  ];
}

function readFirstOf(reader: Reader, value: unknown, path: Path): Step[] {
  if (Array.isArray(value) && value.length === 0) reader.problem(path, 'must name at least one step');
  return readSteps(reader, value, path);
}

function readTake(reader: Reader, kind: string, value: unknown, path: Path): Take | undefined {
  if (kind === 'match') return { kind, patterns: reader.texts(value, path) };
  if (kind === 'pack') return { kind, pack: reader.text(value, path, 'must be the name of a pack') };
  if (kind === 'json') {
    reader.object(value, path, []);
    return { kind };
  }
  if (kind === 'time') return readTime(reader, value, path);
  return isBlock(kind) ? readBlock(reader, kind, value, path) : undefined;
}

function readTime(reader: Reader, value: unknown, path: Path): Take {
  const raw = reader.object(value, path, ['from', 'formats', 'nearest', 'to']) ?? {};
  if (raw.from === undefined) reader.problem(path, 'must say from: the names that hold the time');
  const from = raw.from === undefined ? [] : reader.texts(raw.from, [...path, 'from']);
  const formats = reader.texts(raw.formats ?? 'ISO8601', [...path, 'formats']);
  return {
    kind: 'time',
    from,
    formats,
    nearest: reader.flag(raw.nearest, [...path, 'nearest']),
    to: raw.to === undefined ? '@timestamp' : reader.text(raw.to, [...path, 'to']),
  };
}

export function readVariable(reader: Reader, value: unknown, path: Path): string {
  const name = reader.text(value, path, 'must be the name of a variable');
  return name;
}

export function readSet(reader: Reader, value: unknown, path: Path): SetMap {
  const raw = reader.object(value, path);
  const out: Record<string, Scalar | null | Scalar[]> = {};
  for (const [name, item] of Object.entries(raw ?? {})) {
    const items = Array.isArray(item) ? item : [item];
    if (!variablePattern.test(name)) reader.problem([...path, name], 'must be the name of a field or variable', name);
    if (item === null) out[name] = null;
    else if (items.length === 0 || items.some((one) => !['string', 'number', 'boolean'].includes(typeof one)))
      reader.problem([...path, name], 'must be a text, a number, true or false, a list of those, or null', item);
    else out[name] = Array.isArray(item) ? (item as Scalar[]) : (item as Scalar);
  }
  return out;
}

function readMap(reader: Reader, value: unknown, path: Path): Record<string, Dest[]> {
  const raw = reader.object(value, path);
  return Object.fromEntries(
    Object.entries(raw ?? {}).map(([name, item]) => {
      const items = Array.isArray(item) ? item : [item];
      return [
        name,
        items.flatMap((one, i) => readDest(reader, one, Array.isArray(item) ? [...path, name, i] : [...path, name])),
      ];
    }),
  );
}

/** ['', 'EventData.']: beginnings of names, of which the empty one is none. */
function readUnder(reader: Reader, { map, under }: Record<string, unknown>, path: Path): string[] {
  if (map === undefined) reader.problem(path, 'says where the names of map stand: there is none');
  const beginnings = reader.texts(under, path);
  if (beginnings.length === 0) reader.problem(path, 'must name at least one beginning', under);
  if (beginnings.some((text) => text.startsWith('_') || text.includes('[')))
    reader.problem(path, "names that a message has begin neither with '_' nor reach into an array", under);
  return [...new Set(beginnings)];
}

const destKeys = ['to', 'lower', 'upper', 'mac', 'hex', 'scale', 'split', 'base64', 'hex_text', 'percent'] as const;

/** 'source.ip', 'source.ip | source.domain', or { to, and one conversion }. */
function readDest(reader: Reader, value: unknown, path: Path): Dest[] {
  if (typeof value === 'string') return alternatives(reader, value, path, {});
  const raw = reader.object(value, path, destKeys);
  if (!raw) return [];
  const converts = destKeys.filter((key) => key !== 'to' && raw[key] !== undefined);
  if (converts.length > 1) reader.problem(path, `converts once: ${converts.join(' and ')} are two`);
  const to = reader.text(raw.to, [...path, 'to'], 'must be the name of a field');
  const [convert] = converts;
  if (convert === undefined || convert === 'to') return alternatives(reader, to, path, {});
  if (convert === 'scale' || convert === 'split') {
    const param = raw[convert];
    const right = convert === 'scale' ? typeof param === 'number' : typeof param === 'string' && param !== '';
    if (!right) reader.problem([...path, convert], convert === 'scale' ? 'must be a number' : 'must be a text', param);
    return alternatives(reader, to, path, { convert, param: String(param) });
  }
  if (raw[convert] !== true) reader.problem([...path, convert], 'must be true', raw[convert]);
  return alternatives(reader, to, path, { convert });
}

function alternatives(reader: Reader, text: string, path: Path, conversion: Pick<Dest, 'convert' | 'param'>): Dest[] {
  return text.split('|').map((part, i) => {
    const to = part.trim();
    if (!variablePattern.test(to)) reader.problem(path, "must be the name of a field, or names with '|' between", text);
    return { to, otherwise: i > 0, ...conversion };
  });
}

function readSwitch(reader: Reader, value: unknown, path: Path): Switch {
  const raw = reader.object(value, path, ['on', 'ignore_case', 'cases', 'default']) ?? {};
  const cases = reader.object(raw.cases, [...path, 'cases']) ?? {};
  const ignoreCase = reader.flag(raw.ignore_case, [...path, 'ignore_case']);
  const caseOf = (text: string, at: Path) => {
    if (text === '') reader.problem(at, 'a case is a value, and none is empty', text);
    return ignoreCase ? folded(reader, text, at) : text;
  };
  if (Object.hasOwn(cases, 'default'))
    reader.problem(
      [...path, 'cases', 'default'],
      'default, for values without a case, stands beside cases; when tells a value of that text',
    );
  return {
    on: readVariable(reader, raw.on, [...path, 'on']),
    ignoreCase,
    cases: Object.entries(cases).map(([key, item]) => ({
      values: key.split('|').map((part) => caseOf(part.trim(), [...path, 'cases', key])),
      steps: readCase(reader, item, [...path, 'cases', key]),
    })),
    otherwise: raw.default === undefined ? [] : readCase(reader, raw.default, [...path, 'default']),
  };
}

/** Steps, one step, or at once what to set. */
function readCase(reader: Reader, value: unknown, path: Path): Step[] {
  if (Array.isArray(value)) return readSteps(reader, value, path);
  const object = reader.object(value, path) ?? {};
  if (Object.keys(object).some((key) => stepKeys.includes(key))) return readStep(reader, value, path);
  return [{ path, required: false, set: readSet(reader, value, path) }];
}
