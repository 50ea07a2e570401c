// ECS's field table and the lock of protobuf numbers.

/** ECS type → shape (an EcsType of ecs_fields.h) → protobuf type. */
const shapes = {
  keyword: 'String',
  wildcard: 'String',
  text: 'String',
  match_only_text: 'String',
  constant_keyword: 'String',
  version: 'String',
  ip: 'Ip',
  long: 'Int',
  integer: 'Int',
  short: 'Int',
  byte: 'Int',
  unsigned_long: 'Int',
  float: 'Double',
  double: 'Double',
  half_float: 'Double',
  scaled_float: 'Double',
  boolean: 'Bool',
  date: 'Date',
  flattened: 'Json',
  object: 'Json',
  nested: 'Json',
  geo_point: 'Json',
  bytes: 'Bytes',
};
const protoTypes = {
  String: 'string',
  Ip: 'string',
  Json: 'string',
  Int: 'int64',
  Double: 'double',
  Bool: 'bool',
  Date: 'sfixed64',
  Bytes: 'bytes',
};
const wireTypes = { string: 2, bytes: 2, int64: 0, bool: 0, double: 1, sfixed64: 1 };
const numberMax = 65535; // EcsFieldInfo.number is 16 bits
const protobufReservedEnd = 20000;
const reservedByProtobuf = (number) => number >= 19000 && number < protobufReservedEnd;

/**
 * The fields of `schema/ecs/fields.csv` and the project's own, in JSON order: by segments, so that what shares an object
 * is adjacent and a name comes before what is nested under it.
 */
export function readTable(csv, layout) {
  const own = new Map(layout.own.map((field) => [field.name, field]));
  const fields = csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [name, type, array] = line.split(',');
      return field(name, own.get(name)?.type ?? type, array === 'array', own.has(name));
    });
  const known = new Set(fields.map((f) => f.name));
  for (const { name, type } of layout.own) if (!known.has(name)) fields.push(field(name, type, false, true));
  return fields.sort((a, b) => compareSegments(a.name, b.name));
}

function field(name, type, repeated, own) {
  const shape = shapes[type];
  if (!shape) throw new Error(`${name}: ECS type ${type} has no protobuf shape; add it to tools/lib/ecs-table.mjs`);
  const proto = protoTypes[shape];
  return {
    name,
    type,
    shape,
    proto,
    wire: wireTypes[proto],
    repeated,
    own,
    protoName: name.replace(/^@/, '').replaceAll('.', '_'),
  };
}

function compareSegments(a, b) {
  const [x, y] = [a.split('.'), b.split('.')];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] < y[i] ? -1 : 1;
  return x.length - y.length;
}

/**
 * Gives every field its number for ever. What the lock holds stays; a new field gets the next free number; the number of a
 * field that is gone, or whose type changed, is reserved (and taken up again if just that field returns).
 * Lock: { fields: { name: "number type" }, reserved: { number: "name type" } }.
 */
export function assignNumbers(table, layout, lock) {
  const typeOf = (f) => (f.repeated ? `repeated ${f.proto}` : f.proto);
  const types = new Map(table.map((f) => [f.name, typeOf(f)]));
  const reserved = new Map(Object.entries(lock.reserved).map(([number, entry]) => [Number(number), entry]));
  const kept = new Map();
  for (const [name, entry] of Object.entries(lock.fields)) {
    const [number, type] = entry.split(/ (.*)/);
    if (types.get(name) === type) kept.set(name, Number(number));
    else reserved.set(Number(number), `${name} ${type}`);
  }
  for (const [number, entry] of reserved) {
    const [name, type] = entry.split(/ (.*)/);
    if (kept.has(name) || types.get(name) !== type) continue;
    kept.set(name, number);
    reserved.delete(number);
  }
  const numberFor = freeNumbers(layout, [...kept.values(), ...reserved.keys()]);
  const fields = table.map((f) => ({ ...f, number: kept.get(f.name) ?? numberFor(f.name) }));
  return {
    fields,
    lock: {
      fields: Object.fromEntries(fields.map((f) => [f.name, `${f.number} ${typeOf(f)}`])),
      reserved: Object.fromEntries(reserved),
    },
  };
}

/** Numbers for new names: the layout's where it has one that is free, else the next above all. */
function freeNumbers(layout, taken) {
  const wanted = new Map(Object.entries(layout.fixed));
  for (const { name, number } of layout.own) wanted.set(name, number);
  const hotFrom = layout.attrs + 2;
  for (const [i, name] of layout.hot.entries()) wanted.set(name, hotFrom + i);
  const used = new Set([layout.attrs, ...layout.reserved, ...taken]);
  let next = Math.max(hotFrom - 1 + layout.hot.length, ...used) + 1;
  used.add(layout.spans);
  return (name) => {
    let number = wanted.get(name);
    if (number === undefined || used.has(number)) {
      if (next === layout.spans) next++;
      if (reservedByProtobuf(next)) next = protobufReservedEnd;
      number = next++;
    }
    if (number > numberMax) throw new Error(`${name}: no number left below ${numberMax}`);
    used.add(number);
    return number;
  };
}

/** Text of schema/numbers.json: one line a number, in order. */
export function lockFile(lock) {
  const object = (lines) => (lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`);
  const fields = Object.entries(lock.fields).sort((a, b) => Number.parseInt(a[1], 10) - Number.parseInt(b[1], 10));
  const reserved = Object.entries(lock.reserved).sort((a, b) => Number(a[0]) - Number(b[0]));
  const line = ([key, value]) => `    "${key}": "${value}"`;
  return `{\n  "fields": ${object(fields.map(line))},\n  "reserved": ${object(reserved.map(line))}\n}\n`;
}
