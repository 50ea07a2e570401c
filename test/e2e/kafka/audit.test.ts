/** `penstock audit` against a real broker: true after an honest run, and not to be deceived by what was done to journal or topic. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import { decodeRecord, encodeRecord, sendRecordBytes } from '../../../adapters/sinks/kafka/send-record.js';
import { runAudit } from '../../support/audit.js';
import { PenstockProcess } from '../../support/penstock-process.js';
import { KafkaCluster } from './broker.js';
import { createTopic } from './sink-kit.js';

const events = 5000;
let cluster: KafkaCluster;
let penstock: PenstockProcess;
let deliver: string;
let data: string;

before(async () => {
  cluster = await KafkaCluster.start();
  deliver = `kafka://${cluster.bootstrap()}/audited?create_topics=true&partitions=2&replication=1&name=main`;
  penstock = await PenstockProcess.start({ listen: ['http'], deliver, env: { PENSTOCK_LINGER_MS: '1' } });
  data = join(penstock.directory, 'data');
  for (let i = 0; i < 50; i++) await post(i * 100, 100);
});
after(async () => {
  await penstock?.dispose();
  await cluster?.stop();
});

async function post(from: number, count: number): Promise<void> {
  const body = Array.from({ length: count }, (_, i) => `{"message":"seq=${from + i}"}`).join('\n');
  const answer = await fetch(`http://127.0.0.1:${penstock.ports[0]}/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body,
  });
  assert.equal(answer.status, 200);
}

/** The contradictions found in a copy of the data directory that something was done to. */
function found(plant: (copy: string) => void): string {
  const copy = `${data}-copy-${Math.random()}`;
  cpSync(data, copy, { recursive: true });
  plant(copy);
  const { code, report } = runAudit(copy, deliver);
  assert.equal(code, 1);
  return report.sinks.flatMap((sink) => sink.contradictions).join('\n');
}

/** Changes records of the send log. */
function rewrite(copy: string, change: (records: Buffer[]) => Buffer[]): void {
  const path = join(copy, 'sinks/main/send.log');
  const bytes = readFileSync(path);
  const records = Array.from({ length: bytes.length / sendRecordBytes }, (_, i) =>
    bytes.subarray(i * sendRecordBytes, (i + 1) * sendRecordBytes),
  );
  assert.ok(records.length >= 2, 'the send log has batches');
  writeFileSync(path, Buffer.concat(change(records)));
}

type Entry = NonNullable<ReturnType<typeof decodeRecord>>;
function changed(record: Buffer | undefined, change: (entry: Entry) => Partial<Entry>): Buffer {
  const entry = record === undefined ? null : decodeRecord(record);
  assert.ok(entry);
  return encodeRecord({ ...entry, ...change(entry) });
}

test('while it runs and after it stopped: every event is accounted for', async () => {
  await penstock.untilMetric('penstock_events_delivered_total', events);
  assert.equal(runAudit(data, deliver).code, 0);
  await penstock.kill9();
  const { code, report } = runAudit(data, deliver);
  assert.equal(code, 0);
  const [sink] = report.sinks;
  assert.deepEqual([sink?.journaled, sink?.figures.end_offsets], [events, events]);
  assert.equal((sink?.delivered ?? 0) + (sink?.waiting ?? 0), events);
  assert.equal(sink?.figures.batches_not_stored, 0);
});

test('a send log that contradicts the journal, the broker or itself is found', () => {
  assert.match(
    found((copy) =>
      rewrite(copy, ([one, ...rest]) => [changed(one, ({ crc }) => ({ crc: (crc ^ 1) >>> 0 })), ...rest]),
    ),
    /is not the one that was sent from there/,
  );
  assert.match(
    found((copy) => rewrite(copy, (all) => [...all, changed(all[0], (entry) => ({ position: moved(entry) }))])),
    /stamps two batches[\s\S]*the journal has none there/,
  );
  assert.match(
    found((copy) =>
      rewrite(copy, ([one, ...rest]) => [
        changed(one, ({ stamp }) => ({ stamp: { ...stamp, baseSequence: stamp.baseSequence + 100_000 } })),
        ...rest,
      ]),
    ),
    /does not have \d+ records that it acknowledged/,
  );
});

function moved({ position }: Entry): Entry['position'] {
  return { ...position, offset: position.offset + 64 };
}

test('a broker that is away leaves it unproven; a topic made anew is found', async () => {
  cluster.nodes[0]?.pause();
  const away = runAudit(data, `${deliver}&connect_timeout_ms=1000&request_timeout_ms=1000`);
  cluster.nodes[0]?.resume();
  assert.deepEqual([away.code, away.report.verdict], [69, 'unproven']);
  const admin = openAdmin({ brokers: [cluster.bootstrap()] });
  await admin.deleteTopic('audited');
  await createTopic(cluster.bootstrap(), 'audited', 2);
  await admin.close();
  const lost = found(() => {});
  assert.match(lost, /ever held 0 records, \d+ fewer than were delivered/);
  assert.match(lost, /the producer is unknown to it/);
});
