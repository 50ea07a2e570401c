// JSON Schema (2020-12 in what it uses, declared as draft-07, which every registry knows) of the encoding json.
import { fieldTree } from './ecs-tree.mjs';

/** A double that JSON cannot write is text; a JSON field holds whatever was sent. */
const types = {
  String: { type: 'string' },
  Ip: { type: 'string' },
  Json: {},
  Int: { type: 'integer' },
  Double: { type: ['number', 'string'] },
  Bool: { type: 'boolean' },
  Date: { type: 'string', format: 'date-time' },
  Bytes: { type: 'string' },
};

export function jsonSchemaFile(fields, layout) {
  const root = objectSchema(fieldTree(fields));
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'penstock.v1.LogEvent',
    description: `One event as ECS JSON; generated from ECS ${layout.version}. What ECS has no field for stands beside, under its own names.`,
    ...root,
    required: ['@timestamp', 'event'],
  };
  return `${render(schema)}\n`;
}

/**
 * No additionalProperties: attributes stand where their names put them. An attribute may be named as an object of ECS is (`source`,
 * when a sender's `source` is a text), so an object of ECS may be any value; what is inside it, when it is one, is typed.
 */
function objectSchema(record) {
  const properties = {};
  for (const { name, field, record: inner } of record.members) {
    if (inner) properties[name] = objectSchema(inner);
    else if (name !== 'json' || !isParent(field, record)) properties[jsonName(field)] = fieldSchema(field);
  }
  return { properties };
}

const isParent = (field, record) => field.name === record.path;
const jsonName = ({ name }) => name.split('.').at(-1);

function fieldSchema({ shape, repeated }) {
  return repeated ? { type: 'array', items: types[shape] } : types[shape];
}

/** One line a member, so that versions can be compared. */
function render(schema, indent = '') {
  const { properties, ...rest } = schema;
  const head = JSON.stringify(rest).slice(1, -1);
  const lines = Object.entries(properties).map(
    ([name, value]) =>
      `${indent}  ${JSON.stringify(name)}:${value.properties ? render(value, `${indent}  `) : JSON.stringify(value)}`,
  );
  return `{${head}${head ? ',' : ''}"properties":{\n${lines.join(',\n')}\n${indent}}}`;
}
