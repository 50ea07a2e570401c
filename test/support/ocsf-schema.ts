/** What is wrong with an OCSF event, by OCSF's own schema (test/data/ocsf). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';

interface Attribute {
  readonly type: string;
  readonly object?: boolean;
  readonly array?: boolean;
  readonly required?: boolean;
  readonly enum?: readonly number[];
}
interface Shape {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly constraints?: Readonly<Record<string, readonly string[]>>;
}
export type OcsfEvent = Readonly<Record<string, unknown>>;

const schema = JSON.parse(readFileSync(join(projectRoot, 'test/data/ocsf/schema.json'), 'utf8')) as {
  readonly classes: Readonly<Record<string, Shape>>;
  readonly objects: Readonly<Record<string, Shape>>;
};

/** Of base types; any other is text. */
const checks: Readonly<Record<string, (value: unknown) => boolean>> = {
  integer_t: Number.isInteger,
  long_t: Number.isInteger,
  float_t: (value) => typeof value === 'number',
  boolean_t: (value) => typeof value === 'boolean',
  json_t: () => true,
};

export function ocsfProblems(event: OcsfEvent): string[] {
  const shape = schema.classes[String(event.class_uid)];
  return shape === undefined ? [`no class ${event.class_uid}`] : problemsOf(event, shape, '');
}

function problemsOf(value: OcsfEvent, { attributes, constraints }: Shape, at: string): string[] {
  const found: string[] = [];
  for (const [name, attribute] of Object.entries(attributes))
    if (attribute.required && value[name] === undefined) found.push(`${at}${name} is required`);
  for (const any of [constraints?.at_least_one ?? []])
    if (any.length > 0 && any.every((name) => value[name] === undefined)) found.push(`${at}: one of ${any.join(', ')}`);
  for (const [name, member] of Object.entries(value)) {
    const attribute = attributes[name];
    if (attribute === undefined) found.push(`${at}${name} is no attribute`);
    else if ((attribute.array === true) !== Array.isArray(member))
      found.push(`${at}${name} is ${attribute.array ? 'an' : 'no'} array`);
    else for (const one of [member].flat()) found.push(...attributeProblems(one, attribute, `${at}${name}`));
  }
  return found;
}

function attributeProblems(value: unknown, { type, object, enum: allowed }: Attribute, at: string): string[] {
  if (object) {
    if (typeof value !== 'object' || value === null) return [`${at} is no object`];
    const shape = schema.objects[type];
    return shape === undefined || type === 'object' ? [] : problemsOf(value as OcsfEvent, shape, `${at}.`);
  }
  const good = checks[type]?.(value) ?? typeof value === 'string';
  if (!good) return [`${at} is ${JSON.stringify(value)}, not ${type}`];
  return allowed && !allowed.includes(value as number) ? [`${at} may not be ${value}`] : [];
}
