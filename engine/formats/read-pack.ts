/** pack.yaml → PackFile, every mistake named with its place. */
import { type FormatGroup, formatGroups } from './groups.js';
import { includeSteps, type ReadShared } from './include-steps.js';
import {
  type FirstByte,
  firstBytes,
  type PackFile,
  type PackProblem,
  type Recognise,
  type SharedSteps,
  type Split,
} from './pack-file.js';
import { readSet } from './read-step.js';
import { type Path, Reader } from './reader.js';

const keys = [
  'name',
  'title',
  'group',
  'rank',
  'recognise',
  'namespace',
  'empty',
  'rest',
  'set',
  'steps',
  'split',
  'unwind',
  'envelope',
] as const;
const groups = Object.keys(formatGroups) as FormatGroup[];
const recogniseKeys = ['app', 'starts', 'owns', 'contains', 'contains_all', 'first', 'json', 'line'] as const;
const namePattern = /^[a-z][a-z0-9-]{0,63}$/;

export interface ReadPack {
  /** undefined where a mistake leaves nothing to compile. */
  readonly pack: PackFile | undefined;
  readonly problems: readonly PackProblem[];
  /** What its steps include, by folder. */
  readonly shared: ReadonlyMap<string, SharedSteps>;
}

/** `name`: of its folder; `shared`: what its steps may include. */
export function readPack(file: string, name: string, source: string, shared: ReadShared = () => undefined): ReadPack {
  const reader = new Reader(file, source);
  const included = new Map<string, SharedSteps>();
  const root = reader.root(keys);
  if (!root) return { pack: undefined, problems: reader.problems, shared: included };
  if (root.name !== name) reader.problem(['name'], `must be the folder's name, ${name}`, root.name ?? null);
  if (!namePattern.test(name)) reader.problem(['name'], 'lower-case letters, digits and hyphens, at most 64', name);
  const namespace = root.namespace === undefined ? name : reader.text(root.namespace, ['namespace']);
  if (!/^[A-Za-z_][\w-]*(\.[\w-]+)*$/.test(namespace))
    reader.problem(['namespace'], 'must be names with dots between', namespace);
  // Only lists of packs read it: a check of the product's own, for whom it is required.
  if (root.group !== undefined) reader.oneOf(root.group, ['group'], groups, 'application');
  const split = root.split === undefined ? undefined : readSplit(reader, root.split);
  const unwind = root.unwind === undefined ? undefined : readUnwind(reader, root.unwind);
  // The array itself is not a field of its elements.
  const taken = split ? [{ map: { [split.array.join('.')]: '_' } }] : [];
  const pack: PackFile = {
    name,
    title: reader.text(root.title, ['title'], 'must be a text: the product and what it logs'),
    rank: reader.oneOf(root.rank, ['rank'], ['specific', 'generic'], 'specific'),
    recognise: readRecognise(reader, root.recognise),
    namespace,
    empty: root.empty === undefined ? [] : reader.texts(root.empty, ['empty']),
    set: root.set === undefined ? {} : readSet(reader, root.set, ['set']),
    steps: includeSteps(
      reader,
      split ? [...reader.list(root.steps ?? [], ['steps']), ...taken] : root.steps,
      shared,
      included,
    ),
    rest: root.rest === undefined ? [] : readRest(reader, root.rest),
    ...(split ? { split } : {}),
    ...(unwind ? { unwind } : {}),
    ...(root.envelope === true ? { envelope: true } : {}),
  };
  if (root.envelope !== undefined && root.envelope !== true)
    reader.problem(['envelope'], 'must be true', root.envelope);
  if (split && pack.recognise.some((way) => way.json === undefined))
    reader.problem(['split'], 'only packs of JSON objects are split: each way to recognise them must be json');
  if (unwind && pack.recognise.some((way) => way.json === undefined))
    reader.problem(['unwind'], 'only packs of JSON objects are unwound: each way to recognise them must be json');
  if (split && unwind)
    reader.problem(['unwind'], 'a pack has split or unwind: its elements may be of a pack with unwind');
  return { pack: reader.problems.length === 0 ? pack : undefined, problems: reader.problems, shared: included };
}

/** { EventData.: event_data. } */
function readRest(reader: Reader, value: unknown): [string, string][] {
  const raw = reader.object(value, ['rest']) ?? {};
  return Object.entries(raw).map(([from, to]) => {
    if (from === '') reader.problem(['rest'], 'must say how names begin');
    return [from, to === '' ? '' : reader.text(to, ['rest', from])];
  });
}

/** 'Records', 'detail.items', or { array: logEvents, pack: aws-cloudwatch-event } */
function readSplit(reader: Reader, value: unknown): Split {
  const raw = typeof value === 'string' ? { array: value } : (reader.object(value, ['split'], ['array', 'pack']) ?? {});
  const array = reader.text(raw.array, ['split', 'array'], 'must be the name of the array, dotted').split('.');
  if (array.length > splitDepthMax) reader.problem(['split'], `must lead through at most ${splitDepthMax} objects`);
  return 'pack' in raw ? { array, pack: reader.text(raw.pack, ['split', 'pack']) } : { array };
}

const splitDepthMax = 16;
const unwindLevelsMax = 4;

/** 'events', 'properties.flows[*].flows[*].flowTuples' */
function readUnwind(reader: Reader, value: unknown): string[][] {
  const text = reader.text(
    value,
    ['unwind'],
    'must be the name of the array, dotted, with [*] behind each array on the way',
  );
  const levels = text.split('[*].').map((keys) => keys.split('.'));
  if (levels.flat().some((key) => key === '' || /[[\]]/.test(key)))
    reader.problem(
      ['unwind'],
      'must be names with dots between, and [*] behind each array that leads to the last',
      text,
    );
  if (levels.length > unwindLevelsMax)
    reader.problem(['unwind'], `must lead through at most ${unwindLevelsMax} arrays`, text);
  if (levels.some((keys) => keys.length > splitDepthMax))
    reader.problem(['unwind'], `must lead through at most ${splitDepthMax} objects`, text);
  return levels;
}

function readRecognise(reader: Reader, value: unknown): Recognise[] {
  const ways = reader.list(value, ['recognise']);
  if (Array.isArray(value) && ways.length === 0) reader.problem(['recognise'], 'must name at least one way');
  return ways.flatMap((item, i) => {
    const path: Path = ['recognise', i];
    const way = reader.object(item, path, recogniseKeys);
    if (!way) return [];
    const texts = (key: (typeof recogniseKeys)[number]) =>
      way[key] === undefined ? {} : { [key]: nonEmpty(reader, reader.texts(way[key], [...path, key]), [...path, key]) };
    const first =
      way.first === undefined
        ? {}
        : { first: reader.oneOf(way.first, [...path, 'first'], Object.keys(firstBytes) as FirstByte[], 'any') };
    const read: Recognise = {
      ...texts('app'),
      ...texts('starts'),
      ...texts('contains'),
      ...texts('contains_all'),
      ...first,
      ...(way.json === undefined ? {} : { json: readMarks(reader, way.json, [...path, 'json']) }),
      ...(way.owns === true ? { owns: true } : {}),
      ...(way.line === true ? { line: true } : {}),
    };
    if (way.json !== undefined && Object.keys(way).length > 1)
      reader.problem(path, 'json stands alone: a way for texts is another item of the list');
    if (way.owns !== undefined && way.owns !== true) reader.problem([...path, 'owns'], 'must be true', way.owns);
    if (way.owns === true && (!way.starts || way.app !== undefined || way.line === true))
      reader.problem([...path, 'owns'], 'needs starts, and neither app nor line');
    if (way.line !== undefined && way.line !== true) reader.problem([...path, 'line'], 'must be true', way.line);
    if (way.line === true && way.app !== undefined) reader.problem(path, 'a whole line names no app');
    if (Object.keys(way).length === 0) reader.problem(path, `must name one of ${recogniseKeys.join(', ')}`);
    if (way.first === 'any' && !way.contains && !way.contains_all)
      reader.problem(path, 'first: any needs contains: else it is every text');
    return [read];
  });
}

/** { eventSource: '*', eventVersion: ['1.08', '1.09*'] } */
function readMarks(reader: Reader, value: unknown, path: Path): Record<string, string[]> {
  const raw = reader.object(value, path) ?? {};
  const names = Object.keys(raw);
  if (names.every((name) => name === 'message' || name === '@timestamp'))
    reader.problem(path, 'must name at least one key that sets the format apart (message and @timestamp do not)');
  return Object.fromEntries(
    names.map((name) => [
      name.replace(/^\$\./, ''),
      nonEmpty(reader, reader.texts(raw[name], [...path, name]), [...path, name]),
    ]),
  );
}

function nonEmpty(reader: Reader, texts: string[], path: Path): string[] {
  if (texts.some((text) => text === '')) reader.problem(path, 'an empty text is in every text');
  return texts;
}
