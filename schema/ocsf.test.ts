/** Encoding ocsf: every event of the packs' cases as OCSF's own schema has it, and nothing of it lost. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { projectRoot } from '../native/load.js';
import { encodeLogEvent, type PlainEvent, type PlainValue } from '../native/log-event.js';
import { type OcsfEvent, ocsfProblems } from '../test/support/ocsf-schema.js';
import { ecsFields } from './generated/ecs-fields.js';
import { randomEvent, randomFrom } from './random-event.js';

type Flat = Readonly<Record<string, unknown>>;

const shapes = new Map(ecsFields.map(([name, , shape]) => [name, shape]));
const base = { createdNs: 1_700_000_000_123_456_789n, id: [1, 2, 3, 4, 5], problems: [] } as const;

/** An event of these fields, flat, as a pack's case has them. */
function eventOf(flat: Flat): PlainEvent {
  const fields: PlainValue[] = [];
  const attrs: PlainValue[] = [];
  for (const [name, value] of Object.entries(flat)) {
    if (name === '@timestamp' || name === 'message') continue;
    const shape = shapes.get(name);
    for (const one of shape === undefined ? [] : [value].flat())
      if (fits(shape as string, one)) fields.push(field(name, shape as string, one));
      else attrs.push(attribute(name, one));
    if (shape === undefined) attrs.push(attribute(name, value));
  }
  const message = flat.message === undefined ? {} : { message: String(flat.message) };
  const time = flat['@timestamp'] === undefined ? {} : { timestampNs: nanoseconds(String(flat['@timestamp'])) };
  return { ...base, ...message, ...time, original: Buffer.from('raw'), fields, attrs };
}

/** What does not is kept apart, under its name. */
function fits(shape: string, value: unknown): boolean {
  if (shape === 'int') return Number.isInteger(value);
  if (shape === 'double') return typeof value === 'number';
  return shape !== 'date' || !Number.isNaN(Date.parse(String(value)));
}

function field(name: string, shape: string, value: unknown): PlainValue {
  if (shape === 'date') return [name, 'int', nanoseconds(String(value))];
  if (shape === 'int') return [name, 'int', BigInt(value as number)];
  if (shape === 'double') return [name, 'double', value as number];
  if (shape === 'bool') return [name, 'bool', value as boolean];
  if (shape === 'json') return [name, 'json', JSON.stringify(value)];
  return [name, 'string', String(value)];
}

function attribute(name: string, value: unknown): PlainValue {
  if (typeof value === 'string') return [name, 'string', value];
  if (typeof value === 'boolean') return [name, 'bool', value];
  return [name, 'json', JSON.stringify(value)];
}

function nanoseconds(text: string): bigint {
  return BigInt(Date.parse(text)) * 1_000_000n;
}

function ocsf(event: PlainEvent): OcsfEvent {
  const { ocsf: bytes, sizeAsComputed } = encodeLogEvent(event);
  assert.ok(sizeAsComputed, 'the bound holds');
  return JSON.parse(bytes.toString()) as OcsfEvent;
}

function of(flat: Flat): OcsfEvent {
  const event = ocsf(eventOf(flat));
  assert.deepEqual(ocsfProblems(event), [], JSON.stringify(event));
  return event;
}

function* packEvents(): Generator<Flat> {
  const formats = join(projectRoot, 'adapters/formats');
  for (const pack of readdirSync(formats).sort()) {
    const cases = join(formats, pack, 'cases');
    if (!existsSync(cases)) continue;
    for (const file of readdirSync(cases)
      .filter((name) => name.endsWith('.json'))
      .sort()) {
      const events = JSON.parse(readFileSync(join(cases, file), 'utf8')) as Flat[];
      if (Array.isArray(events)) yield* events.flat().filter((event) => typeof event === 'object');
    }
  }
}

/** Every text and number within. */
function leaves(value: unknown, into = new Set<string>()): Set<string> {
  if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) leaves(one, into);
  else into.add(String(value));
  return into;
}

test('a number that a text says is written as JSON has numbers', () => {
  const query = (id: string) =>
    of({ 'event.category': ['network'], 'network.protocol': 'dns', 'dns.id': id, 'dns.question.name': 'a.example' });
  const written = (id: string) => (query(id).query as Record<string, unknown> | undefined)?.packet_uid;
  assert.equal(written('007'), 7);
  assert.equal(written('-0012'), -12);
  assert.equal(written('7'), 7);
  assert.equal(written('7a'), undefined, 'kept among the unmapped');
});

test('the events of every pack: valid, of many classes, and no value lost', () => {
  const classes = new Map<unknown, number>();
  const wrong = new Map<string, string>();
  let events = 0;
  for (const flat of packEvents()) {
    const event = ocsf(eventOf(flat));
    for (const problem of ocsfProblems(event)) wrong.set(problem, JSON.stringify(event));
    classes.set(event.class_uid, (classes.get(event.class_uid) ?? 0) + 1);
    const kept = leaves(event);
    for (const [name, value] of Object.entries(flat)) {
      if (shapes.get(name) === 'date' || ['event.outcome', 'network.direction', 'event.duration'].includes(name))
        continue;
      if (name === 'event.kind' || name === 'event.risk_score') continue;
      for (const one of leaves(value)) assert.ok(kept.has(one), `${name}=${one} of ${JSON.stringify(event)}`);
    }
    events++;
  }
  assert.deepEqual([...wrong], [], 'problem, and an event that has it');
  const counts = JSON.stringify([...classes].sort());
  assert.ok(events > 1000, `${events} events`);
  for (const uid of [2004, 3002, 3001, 1007, 1001, 4003, 6003, 4002, 4001, 0])
    assert.ok((classes.get(uid) ?? 0) > 0, counts);
});

test('random events: one JSON object within the bound, whose keys come once', () => {
  const random = randomFrom(20_240_601);
  for (let i = 0; i < 3000; i++) {
    const { ocsf: bytes, sizeAsComputed } = encodeLogEvent(randomEvent(random, i));
    assert.ok(sizeAsComputed);
    const event = JSON.parse(bytes.toString()) as OcsfEvent;
    assert.equal(event.type_uid, Number(event.class_uid) * 100 + Number(event.activity_id));
    assert.ok(!bytes.includes(10), 'one line');
  }
});

test('a login', () => {
  const event = of({
    '@timestamp': '2026-03-01T12:00:00.500Z',
    'event.category': ['authentication'],
    'event.type': ['start'],
    'event.outcome': 'failure',
    'event.module': 'sshd',
    'user.name': 'root',
    'source.ip': '203.0.113.9',
    'source.port': 51000,
    'host.hostname': 'web1',
    'log.syslog.severity.code': 4,
    'process.name': 'sshd',
    'related.user': ['root', 'x'],
    vendor: 'own',
    message: 'Failed password',
  });
  assert.deepEqual(event, {
    class_uid: 3002,
    class_name: 'Authentication',
    category_uid: 3,
    category_name: 'Identity & Access Management',
    activity_id: 1,
    type_uid: 300201,
    severity_id: 3,
    status_id: 2,
    time: Date.parse('2026-03-01T12:00:00.500Z'),
    message: 'Failed password',
    raw_data: 'raw',
    metadata: {
      version: '1.5.0',
      uid: '000000010000000200030000000004000005',
      logged_time: 1_700_000_000_123,
      product: { name: 'sshd', vendor_name: 'Unknown' },
      profiles: ['host'],
    },
    device: { hostname: 'web1', type_id: 0 },
    dst_endpoint: { hostname: 'web1' },
    src_endpoint: { ip: '203.0.113.9', port: 51000 },
    user: { name: 'root' },
    unmapped: {
      'event.category': ['authentication'],
      'event.module': 'sshd',
      'event.type': ['start'],
      'log.syslog.severity.code': 4,
      'related.user': ['root', 'x'],
      vendor: 'own',
      'process.name': 'sshd',
    },
  });
});

test('of several activities the one that says most', () => {
  const activity = (fields: Flat) => of(fields).type_uid;
  const ends = { 'source.ip': '10.0.0.1', 'destination.ip': '10.0.0.2' };
  const network = (types: string[]) => activity({ 'event.category': ['network'], 'event.type': types, ...ends });
  assert.equal(network(['connection', 'start', 'denied']), 400105, 'refused, not opened');
  assert.equal(network(['connection', 'start', 'allowed']), 400101);
  const dns = (fields: Flat) =>
    activity({ 'event.category': ['network'], 'dns.question.name': 'a.example', ...fields });
  assert.equal(dns({ 'dns.type': 'answer' }), 400302);
  assert.equal(dns({ 'dns.response_code': 'NXDOMAIN' }), 400302);
  assert.equal(dns({}), 400301);
  assert.equal(
    activity({ 'event.category': ['file'], 'event.type': ['change'], 'event.action': 'rename', 'file.path': '/a' }),
    100105,
  );
  assert.equal(
    activity({ 'event.category': ['authentication'], 'event.type': ['end', 'info'], 'user.name': 'ann' }),
    300202,
  );
});

test('the profiles whose objects are there are named', () => {
  const profiles = (fields: Flat) => (of(fields).metadata as { profiles?: unknown }).profiles;
  assert.deepEqual(profiles({ 'host.name': 'a', 'cloud.region': 'b' }), ['cloud', 'host']);
  assert.deepEqual(profiles({ 'cloud.region': 'b' }), ['cloud']);
  assert.deepEqual(profiles({ 'host.name': 'a' }), ['host']);
  assert.equal(profiles({ 'user.name': 'a' }), undefined);
});

test('what is required has a value even where the event has none', () => {
  const network = { 'event.category': ['network'], 'source.ip': '10.0.0.1' };
  assert.equal(of({ 'event.kind': 'alert' }).class_uid, 2004);
  assert.equal(of({ 'event.category': ['authentication'] }).class_uid, 0, 'without a user');
  assert.equal(
    of({ 'event.category': ['process'], 'process.pid': 1, 'process.executable': '/bin/sh' }).class_uid,
    1007,
  );
  assert.equal(of({ 'event.category': ['file'], 'file.path': 'C:\\a\\b.txt' }).class_uid, 1001);
  assert.equal(
    of({ 'event.category': ['iam'], 'event.type': ['user', 'creation'], 'user.target.email': 'a@b', 'user.id': '1' })
      .type_uid,
    300101,
  );
  assert.equal(of({ ...network, 'dns.question.type': 'A', 'http.version': '1.1' }).class_uid, 4001);
  assert.equal(of({ ...network, 'http.request.method': 'GET', 'url.domain': 'x' }).type_uid, 400203);
  assert.equal(of({ 'dns.question.name': 'a.b', 'dns.id': 'x1' }).class_uid, 4003);
  assert.equal(of({ ...network, 'cloud.region': 'eu', 'event.action': 'Run' }).activity_name, 'Run');
  assert.equal(
    of({ 'cloud.provider': 'aws', 'event.action': 'Run', 'source.domain': 'x', 'event.type': ['change'] }).type_uid,
    600303,
  );
});

test('the least event of each class has what its class requires', () => {
  interface MappedClass {
    readonly uid: number;
    readonly when?: readonly (readonly string[])[];
  }
  const mapping = parse(readFileSync(join(projectRoot, 'schema/ocsf/mapping.yaml'), 'utf8')) as {
    readonly classes: readonly MappedClass[];
  };
  const met = new Set<unknown>();
  for (const { uid, when = [] } of mapping.classes)
    for (const terms of oneOfEach(when)) {
      const flat = leastEvent(terms);
      const { class_uid } = of(flat);
      met.add(class_uid);
      // A class that comes before may want no more than this.
      const before = mapping.classes.slice(0, mapping.classes.findIndex((each) => each.uid === uid) + 1);
      assert.ok(
        before.some((each) => each.uid === class_uid),
        JSON.stringify([uid, class_uid, flat]),
      );
    }
  assert.deepEqual([...met].sort(), mapping.classes.map(({ uid }) => uid).sort());
});

/** Every way to take one term of each line. */
function oneOfEach(lines: readonly (readonly string[])[]): string[][] {
  return lines.reduce<string[][]>((ways, terms) => ways.flatMap((way) => terms.map((term) => [...way, term])), [[]]);
}

/** `field=value`, or `field`: it has any value. */
function leastEvent(terms: readonly string[]): Flat {
  const flat: Record<string, unknown> = {};
  for (const term of terms) {
    const [name = '', value = shapes.get(name) === 'ip' ? '192.0.2.1' : shapes.get(name) === 'int' ? 1 : 'x'] =
      term.split('=');
    flat[name] = /^event\.(category|type)$/.test(name)
      ? [...((flat[name] as string[] | undefined) ?? []), value]
      : value;
  }
  return flat;
}

test('an attribute under the name of a field stays apart', () => {
  const { ocsf: bytes } = encodeLogEvent({
    ...base,
    fields: [['event.kind', 'string', 'event']],
    attrs: [
      ['event.kind', 'int', 1n],
      ['attrs.x', 'string', 'y'],
    ],
  });
  const { unmapped } = JSON.parse(bytes.toString()) as { unmapped: unknown };
  assert.deepEqual(unmapped, { 'event.kind': 'event', 'attrs.x': 'y', 'attrs.attrs.event.kind': 1 });
});
