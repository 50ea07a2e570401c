/** Keywords of JSON Schema and the checks they become; those of an object's properties are in compile.ts. */
import { jsonTypes, nativeFormats, noNode, type OpName, propertyFlags } from '../../native/validation.js';
import { formatNames, formatPatterns } from './formats.js';
import { doubleWords, type PlanWriter } from './plan-writer.js';
import { escapePointer, isObject, type Json, type JsonObject } from './schema-json.js';

/** What keywords are compiled with. */
export interface KeywordContext {
  readonly plan: PlanWriter;
  problem(pointer: string, message: string): void;
  /** The node of a schema; `pointer`: where it stands. */
  compile(schema: Json | undefined, pointer: string): number;
  /** Notes that a node applies another to the same value; answers that. */
  apply(node: number, to: number): number;
  /** The number of a pattern of ECMA-262. */
  pattern(source: string, pointer: string): number;
}

interface Place {
  readonly node: number;
  readonly schema: JsonObject;
  readonly value: Json;
  /** Of the schema that has the keyword. */
  readonly pointer: string;
}

type Keyword = (context: KeywordContext, place: Place) => void;

/** They say nothing of what fits. */
export const annotations = new Set(
  '$schema $id $anchor $comment $defs definitions $ref $vocabulary title description default examples deprecated readOnly writeOnly contentMediaType contentEncoding contentSchema const enum required properties patternProperties additionalProperties propertyNames then else minContains maxContains additionalItems'.split(
    ' ',
  ),
);

/** They do, and are not built. */
export const unsupported: Readonly<Record<string, string>> = {
  unevaluatedProperties: 'is not supported: name the properties, and additionalProperties, in one schema',
  unevaluatedItems: 'is not supported: use items behind prefixItems',
  $dynamicRef: 'is not supported: use $ref',
  $dynamicAnchor: 'is not supported: use $anchor',
  $recursiveRef: 'is not supported: use $ref',
  $recursiveAnchor: 'is not supported: use $ref',
};

const textMax = 2 ** 32 - 1;

/** In the order in which they are checked. */
export const keywords: Readonly<Record<string, Keyword>> = {
  type: ({ plan }, { node, value }) => {
    const types = [value].flat() as (keyof typeof jsonTypes)[];
    const bits = types.reduce((sum, type) => sum | (jsonTypes[type] ?? 0), 0);
    plan.check(node, 'type', `must be ${types.join(' or ')}`, [bits]);
  },
  minimum: number('minimum', '>='),
  maximum: number('maximum', '<='),
  exclusiveMinimum: number('above', '>'),
  exclusiveMaximum: number('below', '<'),
  multipleOf: number('multipleOf', 'a multiple of'),
  minLength: size('minLength', (n) => `must have at least ${n} characters`),
  maxLength: size('maxLength', (n) => `must have at most ${n} characters`),
  format: (context, { node, value, pointer }) => {
    const says = `must be a ${value}`;
    const place = nativeFormats.indexOf(value as (typeof nativeFormats)[number]);
    const pattern = formatPatterns[String(value)];
    if (place >= 0) context.plan.check(node, 'format', says, [place]);
    else if (pattern !== undefined) context.plan.check(node, 'pattern', says, [context.plan.pattern(pattern)]);
    else
      context.problem(
        `${pointer}/format`,
        `${JSON.stringify(value)} is not checked; those are: ${formatNames.join(', ')}`,
      );
  },
  pattern: (context, { node, value, pointer }) => {
    const number = context.pattern(String(value), `${pointer}/pattern`);
    context.plan.check(node, 'pattern', `must match ${value}`, [number]);
  },
  minItems: size('minItems', (n) => `must have at least ${n} elements`),
  maxItems: size('maxItems', (n) => `must have at most ${n} elements`),
  uniqueItems: ({ plan }, { node, value }) => {
    if (value === true) plan.check(node, 'unique', 'must not have an element twice');
  },
  minProperties: size('minProperties', (n) => `must have at least ${n} properties`),
  maxProperties: size('maxProperties', (n) => `must have at most ${n} properties`),
  prefixItems: (context, { node, schema, value, pointer }) =>
    items(context, node, value, `${pointer}/prefixItems`, schema.items, `${pointer}/items`),
  items: (context, { node, schema, value, pointer }) => {
    if (Array.isArray(value)) {
      items(context, node, value, `${pointer}/items`, schema.additionalItems, `${pointer}/additionalItems`);
    } else if (schema.prefixItems === undefined) items(context, node, [], '', value, `${pointer}/items`);
  },
  contains: (context, { node, schema, value, pointer }) => {
    const least = Number(schema.minContains ?? 1);
    const most = Number(schema.maxContains ?? textMax);
    const range = most === textMax ? `at least ${least}` : `${least} to ${most}`;
    context.plan.check(node, 'contains', `must have ${range} elements as the schema's contains asks`, [
      context.compile(value, `${pointer}/contains`),
      least,
      most,
    ]);
  },
  dependentRequired: (context, { node, value }) => {
    for (const [name, required] of Object.entries(isObject(value) ? value : {}))
      dependency(context, node, name, required);
  },
  dependentSchemas: (context, { node, value, pointer }) => {
    for (const [name, schema] of Object.entries(isObject(value) ? value : {})) {
      const to = context.compile(schema, `${pointer}/dependentSchemas/${escapePointer(name)}`);
      context.plan.check(node, 'dependent', '', [...context.plan.text(name), context.apply(node, to)]);
    }
  },
  dependencies: (context, { node, value, pointer }) => {
    for (const [name, asked] of Object.entries(isObject(value) ? value : {})) {
      if (Array.isArray(asked)) {
        dependency(context, node, name, asked);
        continue;
      }
      const to = context.compile(asked, `${pointer}/dependencies/${escapePointer(name)}`);
      context.plan.check(node, 'dependent', '', [...context.plan.text(name), context.apply(node, to)]);
    }
  },
  allOf: several('all', ''),
  anyOf: several('any', "must fit one of the schema's anyOf"),
  oneOf: several('one', "must fit exactly one of the schema's oneOf"),
  not: (context, { node, value, pointer }) => {
    const to = context.apply(node, context.compile(value, `${pointer}/not`));
    context.plan.check(node, 'not', "must not fit the schema's not", [to]);
  },
  if: (context, { node, schema, value, pointer }) => {
    const branch = (keyword: string) =>
      schema[keyword] === undefined
        ? noNode
        : context.apply(node, context.compile(schema[keyword], `${pointer}/${keyword}`));
    const condition = context.apply(node, context.compile(value, `${pointer}/if`));
    context.plan.check(node, 'if', '', [condition, branch('then'), branch('else')]);
  },
};

function number(op: OpName, says: string): Keyword {
  return ({ plan }, { node, value }) => plan.check(node, op, `must be ${says} ${value}`, doubleWords(Number(value)));
}

function size(op: OpName, says: (n: number) => string): Keyword {
  return ({ plan }, { node, value }) => plan.check(node, op, says(Number(value)), [Math.min(Number(value), textMax)]);
}

function several(op: OpName, says: string): Keyword {
  return (context, { node, value, pointer }) => {
    const nodes = (Array.isArray(value) ? (value as readonly Json[]) : []).map((schema, i) =>
      context.apply(node, context.compile(schema, `${pointer}/${op}Of/${i}`)),
    );
    context.plan.check(node, op, says, [nodes.length, ...nodes]);
  };
}

function items(
  context: KeywordContext,
  node: number,
  first: Json,
  firstAt: string,
  rest: Json | undefined,
  restAt: string,
): void {
  const nodes = (first as readonly Json[]).map((schema, i) => context.compile(schema, `${firstAt}/${i}`));
  const others = rest === undefined ? noNode : context.compile(rest, restAt);
  context.plan.check(node, 'items', '', [others, nodes.length, ...nodes]);
}

/** Where the object has `name` it must have the others too. */
function dependency({ plan }: KeywordContext, node: number, name: string, required: Json): void {
  const to = plan.node();
  const names = new Set((Array.isArray(required) ? (required as readonly Json[]) : []).map(String));
  const flags = propertyFlags.required;
  plan.properties(to, `having ${name}, must have the property `, {
    properties: [...names].map((each) => ({ name: each, node: noNode, flags })),
  });
  plan.check(node, 'dependent', '', [...plan.text(name), to]);
}
