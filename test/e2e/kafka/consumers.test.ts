/** Consumers in three languages read what the engine writes to a real Kafka, in every encoding: TypeScript, Java and Penstock's own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import { projectRoot } from '../../../native/load.js';
import { frameFields, frameRecords, isFrame } from '../../../schema/frames/index.js';
import { readLogEvent } from '../../../schema/reader.js';
import { PenstockProcess } from '../../support/penstock-process.js';
import { patienceMs } from '../../support/until.js';
import { KafkaCluster } from './broker.js';
import { kafkaJars } from './jars.js';
import { createTopic } from './sink-kit.js';

const encodings = ['protobuf', 'compact', 'frames'] as const;
type Encoding = (typeof encodings)[number];

const lines = (file: string, count: number) =>
  readFileSync(join(projectRoot, 'bench/data', file), 'utf8')
    .split('\n')
    .filter(Boolean)
    .slice(0, count);
const syslog = lines('linux_auth.log', 2000).map((line) => `<38>${line}`);
const json = lines('zeek.ndjson', 1000);
const events = syslog.length + json.length;
const topicOf = (encoding: Encoding) => `events-${encoding}`;

let cluster: KafkaCluster;
let classes: string;

before(async () => {
  cluster = await KafkaCluster.start();
  classes = compileJava();
  for (const encoding of encodings) await produce(encoding);
});
after(async () => {
  if (classes !== undefined) rmSync(classes, { recursive: true });
  await cluster?.stop();
});

/** The module's sources and the consumer, compiled as any user's project would compile them against its jars. */
function compileJava(): string {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-java-'));
  const module = join(projectRoot, 'modules/frames-java/src/main/java/penstock/frames');
  const sources = readdirSync(module).map((name) => join(module, name));
  const program = join(projectRoot, 'test/e2e/kafka/ReadEvents.java');
  const { status, stderr } = spawnSync('javac', ['-cp', `${kafkaJars()}/*`, '-d', folder, ...sources, program], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return folder;
}

/** The lines through an engine into a topic of their own; resolves when all of them are acknowledged by Kafka. */
async function produce(encoding: Encoding): Promise<void> {
  await createTopic(cluster.bootstrap(), topicOf(encoding), 2);
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp', 'ndjson+tcp'],
    deliver: `kafka://${cluster.bootstrap()}/${topicOf(encoding)}`,
    env: {
      PENSTOCK_ENCODING: encoding,
      PENSTOCK_FRAME_EVENTS: '300',
      PENSTOCK_WORKERS: '1',
      // What kafkajs reads without a codec of its own; frames compress their own sections all the same.
      ...(encoding === 'frames' ? {} : { PENSTOCK_COMPRESSION: 'none' }),
    },
  });
  try {
    await send(penstock.ports[0] as number, syslog);
    await send(penstock.ports[1] as number, json);
    await penstock.untilMetric('penstock_events_delivered_total', events);
    await penstock.stop();
  } finally {
    await penstock.dispose();
  }
}

async function send(port: number, texts: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(texts.map((line) => `${line}\n`).join(''));
  socket.resume();
  await once(socket, 'close');
}

async function readValues(encoding: Encoding): Promise<Buffer[]> {
  const admin = openAdmin({ brokers: cluster.bootstrap().split(',') });
  const values: Buffer[] = [];
  try {
    await admin.readAll(topicOf(encoding), ({ value }) => values.push(value as Buffer), patienceMs);
  } finally {
    await admin.close();
  }
  return values;
}

/** An event without what differs from run to run: when it was received, and its id. */
function comparable(value: Uint8Array): string {
  const { timestampNs, createdNs, original, fields, attrs } = readLogEvent(value);
  const time = timestampNs === createdNs ? 0n : timestampNs;
  const text = (_: string, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v);
  const sorted = (map: ReadonlyMap<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(
    [time, original && Buffer.from(original).toString('latin1'), sorted(fields), sorted(attrs)],
    text,
  );
}

const sorted = (values: readonly Uint8Array[]) => values.map(comparable).sort();

test('TypeScript: the same events from every encoding', { timeout: 900_000 }, async () => {
  const expected = sorted(await readValues('protobuf'));
  assert.equal(expected.length, events);
  assert.deepEqual(sorted(await readValues('compact')), expected);
  const frames = await readValues('frames');
  assert.ok(frames.length < events / 50 && frames.every(isFrame), `${frames.length} records`);
  assert.deepEqual(sorted(frames.flatMap((frame) => frameRecords(frame))), expected);
});

test('TypeScript: two fields of a frame without the others', { timeout: 900_000 }, async () => {
  const frames = await readValues('frames');
  const read = frames.map((frame) => frameFields(frame, ['message', 'event.original']));
  const originals = read.flatMap((fields) => fields['event.original']).filter((value) => value !== undefined);
  const text = (value: unknown) => Buffer.from(value as Uint8Array).toString();
  const records = (await readValues('protobuf')).map((value) => readLogEvent(value).original);
  assert.deepEqual(
    originals.map(text).sort(),
    records
      .filter((value) => value !== undefined)
      .map(text)
      .sort(),
  );
  assert.equal(read.flatMap(({ message }) => message).length, events);
});

for (const encoding of encodings) {
  test(`Java: every event of a topic in ${encoding}`, { timeout: 900_000 }, async () => {
    const classpath = `${classes}:${kafkaJars()}/*`;
    const args = ['-cp', classpath, '-Xmx256m', '-XX:TieredStopAtLevel=1', 'ReadEvents'];
    const { stdout, stderr, status } = spawnSync(
      'java',
      [...args, cluster.bootstrap(), topicOf(encoding), String(events)],
      {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      },
    );
    assert.equal(status, 0, stderr);
    const got = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => Buffer.from(line, 'hex'));
    assert.deepEqual(sorted(got), sorted(await readValues('protobuf')));
    // Frames give the very bytes that "protobuf" writes, ids and all.
    if (encoding !== 'frames') return;
    const frames = (await readValues('frames')).flatMap((frame) => frameRecords(frame));
    assert.deepEqual(hexes(got), hexes(frames));
  });

  test(`penstock tail: the same events in ${encoding}`, { timeout: 900_000 }, () => {
    assert.deepEqual(tail(encoding), tail('protobuf'));
  });
}

const hexes = (values: readonly Buffer[]) => values.map((value) => value.toString('hex')).sort();

function tail(encoding: Encoding): string[] {
  const from = `kafka://${cluster.bootstrap()}/${topicOf(encoding)}`;
  const args = ['tail', '--from', from, '--lines', String(events), '--no-follow'];
  const { stdout, stderr, status } = spawnSync(join(projectRoot, 'bin/penstock'), args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 900_000,
  });
  assert.equal(status, 0, stderr);
  const read = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  assert.equal(read.length, events);
  return read
    .map((event) => {
      const received = event.event.created;
      delete event.event.id;
      delete event.event.created;
      if (event['@timestamp'] === received) delete event['@timestamp'];
      return JSON.stringify(event);
    })
    .sort();
}
