/** What a pack makes of a message does not depend on who has carried it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { caseFiles, casesReceivedNs } from './cases.js';
import { Explainer, flatten } from './explain.js';
import { loadFormats, ownFormats, packFolders } from './load.js';

const explainer = new Explainer(loadFormats(null));
/** Lines of columns that others declare are nobody's when they come alone. */
const lines = packFolders(ownFormats)
  .flatMap((pack) => caseFiles(join(ownFormats, pack)))
  .filter(({ json, refused, lines: all }) => !json && !refused && !all.some((line) => line[0] === 0x23))
  .flatMap(({ lines: all }) => all.slice(0, 4).map((line) => line.toString('utf8').trimEnd()))
  .filter((line) => line !== '' && !line.includes('\ufffd'))
  // Nothing tells Cisco's host before the time from a word of a text.
  .filter((line) => !line.startsWith('nx1: '));

const time = '2026-05-20T10:00:00.500Z';
const carriers: Readonly<Record<string, (message: string) => string | object>> = {
  'an object of Vector': (message) => ({ message, host: 'c1', source_type: 'file', timestamp: time }),
  'an object of Fluent Bit': (message) => ({ log: message, date: 1779271200.5 }),
  'an object of Filebeat': (message) => ({
    '@timestamp': time,
    agent: { type: 'filebeat' },
    host: { name: 'c1' },
    message,
  }),
  "Docker's file": (message) => ({ log: `${message}\n`, stream: 'stdout', time }),
  "containerd's file": (message) => `${time} stdout F ${message}`,
  OTLP: (message) => ({
    resourceLogs: [
      {
        scopeLogs: [{ logRecords: [{ observedTimeUnixNano: '1779271200500000000', body: { stringValue: message } }] }],
      },
    ],
  }),
};
/** What a carrier says itself, or may know better. */
const theirs =
  /^(@timestamp|event\.(created|id|original)|host\.|log\.(level|source|syslog)|message$|related\.hosts|tags)/;

function explain(sent: string | object, pack?: string) {
  const json = typeof sent !== 'string';
  const settings = { json, receivedNs: casesReceivedNs, ...(pack && { pack }) };
  const explained = explainer.explain(Buffer.from(json ? JSON.stringify(sent) : sent), settings);
  const events = explained.elements.length === 0 ? [explained] : explained.elements;
  return events.map(({ pack, event }) => ({
    pack,
    fields: Object.fromEntries(Object.entries(flatten(event)).filter(([name]) => !theirs.test(name))),
  }));
}

for (const [carrier, carry] of Object.entries(carriers)) {
  test(`within ${carrier}, a message is of the pack that it is of by itself, with the same fields`, () => {
    const wrong: string[] = [];
    for (const line of lines) {
      const bare = explain(line);
      const carried = explain(carry(line));
      for (const [i, { pack, fields }] of bare.entries()) {
        if (pack === null) continue;
        const other = carried[i];
        const differs = Object.keys(fields).filter(
          (name) => JSON.stringify(other?.fields[name]) !== JSON.stringify(fields[name]),
        );
        if (other?.pack !== pack) wrong.push(`${pack} → ${other?.pack}: ${line}`);
        else if (differs.length > 0) wrong.push(`${pack}, ${differs}: ${line}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
}

const refused =
  '2026/05/20 09:00:00 [error] 7#7: *1 access forbidden by rule, client: 203.0.113.7, server: a.example, request: "GET / HTTP/1.1", host: "a.example"';
const record = {
  eventVersion: '1.08',
  eventSource: 'iam.amazonaws.com',
  eventTime: '2026-05-20T09:00:00Z',
  awsRegion: 'eu-west-1',
  userIdentity: { type: 'Root' },
};
const trail = JSON.stringify({
  Records: [
    { ...record, eventName: 'CreateUser' },
    { ...record, eventName: 'DeleteUser' },
  ],
});

test('envelopes stand within each other, and a listener of one opens it, too', () => {
  const written = { log: `${refused}\n`, stream: 'stderr', time };
  for (const sent of [
    written,
    { message: JSON.stringify(written) },
    `<13>May 20 10:00:00 n1 fluentd: ${JSON.stringify(written)}`,
  ])
    assert.deepEqual(
      explain(sent).map(({ pack }) => pack),
      ['nginx-error'],
    );
  assert.deepEqual(
    explain(written, 'docker-json').map(({ pack }) => pack),
    ['nginx-error'],
  );
  assert.deepEqual(
    explain({ log: 'hello', stream: 'stderr', time }).map(({ pack }) => pack),
    ['docker-json'],
  );
});

test('the time of an envelope stays: it knows its zone', () => {
  const { event } = explainer.explain(Buffer.from(JSON.stringify({ log: refused, stream: 'stderr', time })), {
    json: true,
    receivedNs: casesReceivedNs,
  });
  assert.equal(event['@timestamp'], time);
});

test('what syslog carries as an object of names that no pack knows is read as the message within', () => {
  const sent = `<13>May 20 10:00:00 relay fluentd: ${JSON.stringify({ log: refused, tag: 'web' })}`;
  assert.deepEqual(
    explain(sent).map(({ pack, fields }) => [pack, fields['json.tag']]),
    [['nginx-error', 'web']],
  );
  const login = `<13>May 20 10:00:00 relay fluentd: ${JSON.stringify({ ident: 'su', message: 'Successful su for root by ann' })}`;
  assert.deepEqual(
    explain(login).map(({ pack, fields }) => [pack, fields['process.name']]),
    [['su', 'su']],
  );
});

test('a line that comes under a name of its sender is recognised as a line', () => {
  for (const header of ['<133>May 20 10:00:00 web1 tail: ', '<133>1 2026-05-20T10:00:00Z web1 file-web - - - '])
    assert.deepEqual(
      explain(`${header}${refused}`).map(({ pack }) => pack),
      ['nginx-error'],
    );
  assert.deepEqual(
    explain({ appname: 'tail', message: refused }).map(({ pack }) => pack),
    ['nginx-error'],
  );
});

test("an entry of systemd's journal is of its program's pack", () => {
  const entry = (SYSLOG_IDENTIFIER: string, MESSAGE: string) =>
    explain({
      _HOSTNAME: 'h1',
      _TRANSPORT: 'syslog',
      PRIORITY: '6',
      __REALTIME_TIMESTAMP: '1779271200500000',
      _PID: '7',
      SYSLOG_IDENTIFIER,
      MESSAGE,
    });
  const [one] = entry(
    'dovecot',
    'imap-login: Login: user=<ann>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.1, mpid=8, TLS, session=<x>',
  );
  assert.deepEqual([one?.pack, one?.fields['user.name'], one?.fields['process.name']], ['dovecot', 'ann', 'dovecot']);
  assert.deepEqual(
    entry('su', 'Successful su for root by ann').map(({ pack }) => pack),
    ['su'],
  );
  assert.deepEqual(
    entry('gate', 'opened').map(({ pack }) => pack),
    ['journald'],
  );
});

test('a document of many events comes apart within the JSON of a forwarder, too', () => {
  for (const sent of [
    { message: trail, host: 'c1' },
    { log: trail, host: 'c1' },
    { log: trail, stream: 'stdout', time },
    `${time} stdout F ${trail}`,
  ]) {
    const events = explain(sent);
    assert.deepEqual(
      events.map(({ pack, fields }) => [pack, fields['event.action']]),
      [
        ['aws-cloudtrail', 'CreateUser'],
        ['aws-cloudtrail', 'DeleteUser'],
      ],
    );
    assert.ok(events.every(({ fields }) => !JSON.stringify(fields).includes('Records')));
  }
});
