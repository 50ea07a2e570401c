/** Documents of many events: each element an event with its own bytes and identity, and the ledger exact to the event. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { runAudit } from '../support/audit.js';
import { PenstockProcess } from '../support/penstock-process.js';

interface Stored {
  readonly '@timestamp': string;
  readonly event: { readonly id: string; readonly original?: string; readonly action?: string };
  readonly cloud?: { readonly account?: { readonly id?: string } };
  readonly tags?: readonly string[];
}

const record = (n: number) =>
  `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"u${n}"},"eventTime":"2024-01-02T03:04:05Z",` +
  `"eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.9",` +
  `"eventID":"e-${n}","eventType":"AwsApiCall","recipientAccountId":"123456789012"}`;
const records = (from: number, count: number) => Array.from({ length: count }, (_, i) => record(from + i));

function exported(penstock: PenstockProcess): Stored[] {
  const { stdout, stderr } = spawnSync(
    join(projectRoot, 'bin/penstock'),
    ['journal', 'export', '--data', join(penstock.directory, 'data')],
    { encoding: 'utf8', maxBuffer: 1 << 28, env: { PATH: process.env.PATH } },
  );
  assert.notEqual(stdout, '', stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Stored);
}

test('documents by every way in come apart, and every event is accounted for', { timeout: 900_000 }, async (t) => {
  const penstock = await PenstockProcess.start({
    listen: ['ndjson+tcp', 'http', 'syslog+udp'],
    env: { PENSTOCK_WORKERS: '1', PENSTOCK_DOCUMENT_EVENTS_MAX: '500', PENSTOCK_KEEP_ORIGINAL: 'always' },
  });
  t.after(() => penstock.dispose());
  const [tcp, http, udp] = penstock.ports as [number, number, number];

  // By TCP: as S3 has it, laid out with white space; then one of more events than the limit; then one that is no array.
  const first = records(0, 5);
  const tooMany = `{"records":[${Array.from({ length: 501 }, (_, i) => i).join(',')}]}`;
  const socket = connect(tcp, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(`{ "Records" : [ ${first.join(' , ')} ] }\n${tooMany}\n{"Records":{"a":1}}\n{"Records":[]}\n`);
  await once(socket, 'close');

  // By HTTP: larger than a message may be.
  const many = records(1000, 1500);
  const body = `\n{"Records":[\n${many.join(',\n')}\n]}\n`;
  const answer = await fetch(`http://127.0.0.1:${http}/ingest`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);

  // In syslog, with what the header says for each.
  const logEvents = [1, 2, 3].map((n) => `{"id":"${n}","timestamp":17041646450${n}0,"message":"line ${n}"}`);
  const subscription = `{"messageType":"DATA_MESSAGE","owner":"111111111111","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[${logEvents.join(',')}]}`;
  const datagrams = createSocket('udp4');
  datagrams.send(`<13>1 2024-01-02T03:04:05Z relay app - - - ${subscription}`, udp, '127.0.0.1');

  // Unwound: records of flows within records, by TCP, and an activity of two events, in syslog.
  const flow = (n: number) => `${1542110400 + n},10.5.16.4,13.67.143.118,${20_000 + n},443,T,O,A,B,,,,`;
  const flows = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => `"${flow(from + i)}"`).join(',');
  const flowRecord = (...tuples: string[]) =>
    `{"time":"2024-01-02T03:04:05Z","category":"NetworkSecurityGroupFlowEvent","properties":{"Version":2,"flows":[{"rule":"r","flows":[` +
    `${tuples.map((some) => `{"mac":"000D3AF87856","flowTuples":[${some}]}`).join(',')}]}]}}`;
  const flowsSocket = connect(tcp, '127.0.0.1');
  await once(flowsSocket, 'connect');
  flowsSocket.end(
    `{"records":[${flowRecord(flows(0, 1))},${flowRecord(flows(1, 200), flows(201, 250))},${flowRecord(flows(0, 501))}]}\n`,
  );
  await once(flowsSocket, 'close');
  const activity = (events: string) =>
    `<13>1 2024-01-02T03:04:05Z relay app - - - {"kind":"admin#reports#activity","id":{"time":"2024-01-02T03:04:05Z","applicationName":"drive"},"events":[${events}]}`;
  const activityEvents = ['{"name":"edit"}', '{"name":"view"}'];
  datagrams.send(activity(activityEvents.join(', ')), udp, '127.0.0.1');

  const expected = first.length + 3 + many.length + logEvents.length + 451 + 1 + activityEvents.length;
  await penstock.expectMetric('penstock_events_received_total', expected);
  datagrams.close();
  assert.equal(await penstock.metric('penstock_unaccounted_events'), 0);
  assert.ok((await penstock.metric('penstock_documents_split_total')) >= 3);
  assert.equal(await penstock.stop(), 0, penstock.output);
  assert.match(penstock.output, /; 0 unaccounted for/);

  const events = exported(penstock);
  assert.equal(events.length, expected);
  assert.equal(new Set(events.map(({ event }) => event.id)).size, expected);
  const originals = new Set(events.map(({ event }) => event.original));
  for (const text of [...first, ...many, ...logEvents, tooMany]) assert.ok(originals.has(text), text.slice(0, 80));
  for (const text of activityEvents) assert.ok(originals.has(activity(text)), text);
  for (let n = 0; n < 451; n++) assert.ok(originals.has(flowRecord(`"${flow(n)}"`)), `flow ${n}`);
  assert.deepEqual(events.find(({ event }) => event.original === flowRecord(flows(0, 501)))?.tags, [
    'document_kept_whole',
  ]);
  assert.equal(events.filter(({ event }) => event.action === 'CreateUser').length, first.length + many.length);
  const whole = events.find(({ event }) => event.original === tooMany);
  assert.deepEqual(whole?.tags, ['document_kept_whole']);
  const line = events.find(({ event }) => event.original === logEvents[1]);
  assert.equal(line?.cloud?.account?.id, '111111111111');
  assert.equal(line?.['@timestamp'], '2024-01-02T03:04:05.020Z');
  // Those of one document follow each other.
  const ids = first.map((text) => events.find(({ event }) => event.original === text)?.event.id ?? '');
  const places = ids.map((id) => BigInt(`0x${id.replaceAll('-', '')}`));
  for (const [i, place] of places.entries()) assert.equal(place, (places[0] as bigint) + BigInt(i));
  const audit = runAudit(join(penstock.directory, 'data'), `store:${penstock.directory}/data`);
  assert.equal(audit.code, 0, JSON.stringify(audit.report));
});
