/** PENSTOCK_RULES: what becomes of events by what they say. Conditions are those of format packs. */
import type { RuleAction, RulesPlan } from '../../native/enrich.js';
import { compileFormats } from '../formats/compile.js';
import { isOurs } from '../formats/ecs.js';
import type { Condition, PackFile, PackProblem } from '../formats/pack-file.js';
import { readCondition } from '../formats/read-condition.js';
import { type Path, Reader } from '../formats/reader.js';

export const rulesMax = 256;
const keyBytesMin = 16;

export interface RuleFile {
  readonly plan: RulesPlan;
  /** By number. */
  readonly names: readonly string[];
  readonly problems: readonly PackProblem[];
}

export interface RuleContext {
  /** Of the hashes of redaction; '': none is configured. */
  readonly key: string;
  /** A topic's place among those of the sinks; a text: what is wrong with it. */
  readonly route: (topic: string) => number | string;
}

interface Rule {
  readonly name: string;
  readonly when: Condition;
  readonly action: RuleAction;
}

/** What is wrong is in `problems`; the plan is of use only when there is nothing. */
export function readRules(file: string, text: string, context: RuleContext): RuleFile {
  const reader = new Reader(file, text);
  const raw = reader.root(['rules']);
  const list = raw ? reader.list(raw.rules, ['rules']) : [];
  if (list.length > rulesMax) reader.problem(['rules'], `${rulesMax} at most`, list.length);
  const rules = list.slice(0, rulesMax).map((item, i) => readRule(reader, item, ['rules', i], context));
  const names = rules.map(({ name }) => name);
  names.forEach((name, i) => {
    if (names.indexOf(name) !== i) reader.problem(['rules', i, 'name'], 'a name of its own', name);
  });
  const problems = [...reader.problems];
  const program = compile(file, text, rules, problems);
  return { plan: { program, key: context.key, actions: rules.map(({ action }) => action) }, names, problems };
}

const keys = ['name', 'when', 'route', 'sample', 'drop', 'redact', 'risk'] as const;
const actionKeys = keys.slice(2);

function readRule(reader: Reader, value: unknown, path: Path, context: RuleContext): Rule {
  const raw = reader.object(value, path, keys) ?? {};
  const at = (key: string) => [...path, key];
  if (actionKeys.every((key) => raw[key] === undefined))
    reader.problem(path, `must say one of ${actionKeys.join(', ')}`);
  const when = readCondition(reader, raw.when ?? {}, at('when'));
  checkNames(reader, when, at('when'));
  const number = (key: string, min: number, max: number, fallback: number): number => {
    const given = raw[key];
    if (given === undefined) return fallback;
    if (typeof given === 'number' && given >= min && given <= max) return given;
    reader.problem(at(key), `must be a number from ${min} to ${max}`, given);
    return fallback;
  };
  if (raw.drop !== undefined && typeof raw.drop !== 'boolean')
    reader.problem(at('drop'), 'must be true or false', raw.drop);
  let route = -1;
  if (raw.route !== undefined) {
    const place = context.route(reader.text(raw.route, at('route')));
    if (typeof place === 'number') route = place;
    else reader.problem(at('route'), place, raw.route);
  }
  const action: RuleAction = {
    route,
    keep: number('sample', 0, 1, 1),
    drop: raw.drop === true,
    risk: number('risk', -100, 100, 0),
    redact: raw.redact === undefined ? [] : readRedact(reader, raw.redact, at('redact'), context.key),
  };
  return { name: reader.text(raw.name, at('name'), 'must be a name, for counters and explanations'), when, action };
}

function readRedact(reader: Reader, value: unknown, path: Path, key: string): RuleAction['redact'] {
  return Object.entries(reader.object(value, path) ?? {}).map(([name, how]) => {
    const at = [...path, name];
    if (isOurs(name)) reader.problem(at, "is the engine's own field, which stays");
    const chosen = reader.oneOf(how, at, ['hash', 'mask'], 'mask');
    if (chosen === 'hash' && Buffer.byteLength(key) < keyBytesMin)
      reader.problem(
        at,
        `hash needs PENSTOCK_REDACT_KEY with ${keyBytesMin} bytes at least: without a secret, hashes of names are soon guessed`,
      );
    return [name, chosen === 'hash' ? 0 : 1];
  });
}

/** Fields and attributes; packs' own variables are not there any more. */
function checkNames(reader: Reader, condition: Condition, path: Path): void {
  if (condition.kind !== 'test') {
    const within = condition.kind === 'not' ? [condition.condition] : condition.conditions;
    for (const one of within) checkNames(reader, one, path);
    return;
  }
  const { variable } = condition;
  if (!/^[a-z][\w.-]*$/i.test(variable) || isOurs(variable))
    reader.problem(path, 'must name a field or an attribute of events', variable);
}

/** One program: what a rule's condition holds for sets the rule's number. */
function compile(file: string, text: string, rules: readonly Rule[], problems: PackProblem[]): Uint8Array {
  const pack: PackFile = {
    name: 'rules',
    title: '',
    rank: 'generic',
    recognise: [],
    namespace: '',
    empty: [],
    rest: [],
    set: {},
    steps: rules.map(({ when }, i) => ({ path: ['rules', i], required: false, when, set: { _rule: String(i) } })),
  };
  return compileFormats([{ pack, file, text, shared: new Map() }], () => 0, problems).plan;
}
