/** Destinations and constants → rows, their types checked against ECS. */
import { isIP } from 'node:net';
import { ecsAllowedValues } from '../../schema/generated/ecs-allowed-values.js';
import { ecsField, isOurs, relatedFlag, relatedLists } from './ecs.js';
import type { Dest, Scalar, SetMap } from './pack-file.js';
import { none, type PlanWriter, type Row } from './plan-writer.js';
import type { Report } from './problem-lines.js';
import type { Path } from './reader.js';
import { converts, DestFlag, DestKind, type Variables } from './variables.js';

const constKinds = { string: 0, int: 1, double: 2, bool: 3, none: 4 } as const;

export function destRows(
  plan: PlanWriter,
  variables: Variables,
  dests: readonly Dest[],
  path: Path,
  report: Report,
): Row[] {
  return dests.flatMap((dest) => {
    checkName(dest.to, path, report);
    const convert: [number, number] = [
      converts[dest.convert ?? 'none'],
      dest.param === undefined ? 0 : plan.string(dest.param),
    ];
    const shape = ecsField(dest.to)?.shape;
    if (shape === 'json') report(path, 'holds objects; a text does not fit it', dest.to);
    const number = dest.convert === 'scale' || dest.convert === 'split' || dest.convert === 'hex';
    if (dest.convert !== undefined && shape === undefined && (number || !dest.to.startsWith('_')))
      report(path, 'only values of ECS fields are converted, and those of variables into other texts', dest.to);
    if (dests.length > 1 && dest.to.startsWith('_') && dest.to !== '_')
      report(path, 'is a variable, to which a value goes alone: map it in a step of its own', dest.to);
    if (dest.convert === 'split' && ecsField(dest.to)?.repeated === false)
      report(path, 'is one value: only lists take the parts of a text', dest.to);
    variables.send(dest.to);
    return variables.dests(dest.to, dest.otherwise ? DestFlag.otherwise : 0, convert);
  });
}

/** `joins`: arguments of Op.join, for texts with '%{variable}' in them. */
export function setRows(plan: PlanWriter, variables: Variables, set: SetMap, path: Path, report: Report) {
  const constants: Row[] = [];
  const joins: Row[] = [];
  for (const [name, value] of Object.entries(set)) {
    const at = [...path, name];
    checkName(name, at, report);
    const field = ecsField(name);
    variables.send(name);
    if (Array.isArray(value) && field?.repeated !== true) report(at, 'has one value, not a list', value);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === 'string' && one.includes('%{')) joins.push(joinArgs(plan, variables, name, one, at, report));
      else if (name === 'message') report(at, 'is said by the text: map a variable to it', one);
      else {
        constants.push(constant(plan, variables, name, one, at, report));
        for (const list of one === null ? [] : relatedLists(name))
          constants.push(constant(plan, variables, list, String(one), at, report));
      }
    }
  }
  return { constants, joins };
}

function checkName(name: string, path: Path, report: Report): void {
  if (isOurs(name) && name !== '@timestamp') report(path, "is the engine's own field; choose another", name);
}

function constant(
  plan: PlanWriter,
  variables: Variables,
  name: string,
  value: Scalar | null,
  path: Path,
  report: Report,
): Row {
  const field = ecsField(name);
  const kind = field ? DestKind.field : name.startsWith('_') ? DestKind.variable : DestKind.attr;
  const target = field
    ? plan.field(name)
    : name.startsWith('_')
      ? variables.write(name)
      : plan.string(variables.attribute(name));
  const shape = kind === DestKind.variable ? 'string' : (field?.shape ?? shapeOf(value));
  const make = (type: keyof typeof constKinds, text: string, bits: bigint): Row => [
    kind,
    target,
    field ? relatedFlag(name) : 0,
    constKinds[type],
    plan.string(text),
    Number(bits & 0xffffffffn),
    Number((bits >> 32n) & 0xffffffffn),
  ];
  if (value === null) {
    if (!field) report(path, 'is no field of ECS: only those are taken out', name);
    return make('none', '', 0n);
  }
  const allowed = ecsAllowedValues.get(name);
  if (allowed !== undefined && !allowed.has(String(value)))
    report(path, `must be one of the values that ECS allows: ${[...allowed].join(', ')}`, value);
  if (shape === 'ip' && isIP(String(value)) === 0) report(path, `does not fit ${name}, which is an IP address`, value);
  if (shape === 'string' || shape === 'ip') return make('string', String(value), 0n);
  if (shape === 'int' && Number.isSafeInteger(value))
    return make('int', '', BigInt.asUintN(64, BigInt(value as number)));
  if (shape === 'double' && typeof value === 'number') return make('double', '', doubleBits(value));
  if (shape === 'bool' && typeof value === 'boolean') return make('bool', '', value ? 1n : 0n);
  report(path, `does not fit ${name}, which is ${shape}`, value);
  return make('string', '', 0n);
}

function shapeOf(value: Scalar | null): 'string' | 'int' | 'double' | 'bool' {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return Number.isSafeInteger(value) ? 'int' : 'double';
}

function doubleBits(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

/** 'Built %{_a} for %{b}' → pairs of a text and the variable behind it. */
function joinArgs(
  plan: PlanWriter,
  variables: Variables,
  name: string,
  template: string,
  path: Path,
  report: Report,
): Row {
  const pieces = template.split(/%\{([^}]*)\}/);
  const pairs: Row[] = [];
  for (let i = 0; i < pieces.length; i += 2) {
    const variable = pieces[i + 1];
    if (variable?.startsWith('_') && !variables.written(variable))
      report(path, 'no step before gives it a value', variable);
    pairs.push([plan.string(pieces[i] as string)], [variable === undefined ? none : variables.read(variable)]);
  }
  return [...plan.addAll('lists', pairs), ...plan.addAll('dests', variables.dests(name))];
}
