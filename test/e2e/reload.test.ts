/** The configuration taken over while events flow: SIGHUP, a changed file, mistakes, and what needs a restart. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { projectRoot } from '../../native/load.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { freePorts } from '../support/ports.js';

const tlsQuery = `?certificate=${join(projectRoot, 'test/data/tls/certificate.pem')}&key=${join(projectRoot, 'test/data/tls/key.pem')}`;

interface Running {
  readonly penstock: PenstockProcess;
  /** Replaces the file as editors and deployment tools do: written aside, then renamed. */
  write(settings: Readonly<Record<string, string | number>>): void;
  /** SIGHUP; resolves when one more reload ended so. */
  hangUp(result: string): Promise<void>;
  ended(result: string): Promise<number>;
}

async function start(t: TestContext, settings: Record<string, string | number>, pollMs = 0): Promise<Running> {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-reload-'));
  const file = join(directory, 'penstock.yaml');
  const write: Running['write'] = (next) => {
    writeFileSync(`${file}.new`, JSON.stringify(next));
    renameSync(`${file}.new`, file);
  };
  write(settings);
  const env = {
    PENSTOCK_CONFIG: file,
    PENSTOCK_CONFIG_POLL_MS: String(pollMs),
    PENSTOCK_LISTEN: '',
    PENSTOCK_DELIVER: '',
    PENSTOCK_WORKERS: '2',
  };
  const penstock = await PenstockProcess.start({ listen: [], directory, env });
  t.after(async () => {
    await penstock.dispose();
    rmSync(directory, { recursive: true, force: true });
  });
  const ended = (result: string) => penstock.metric('penstock_config_reloads_total', { result });
  return {
    penstock,
    write,
    ended,
    hangUp: async (result) => {
      const before = await ended(result);
      penstock.child.kill('SIGHUP');
      await penstock.expectMetric('penstock_config_reloads_total', before + 1, { result });
    },
  };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

const line = (text: string) => `<34>1 2024-05-01T00:00:00Z host app 1 - - ${text}\n`;

/** Status of a POST of one event over a kept connection, and the connection's own port. */
function post(port: number, agent: Agent): Promise<[status: number | undefined, localPort: number | undefined]> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { port, agent, method: 'POST', path: '/ingest', headers: { 'content-type': 'application/json' } },
      (response) => {
        const { localPort } = response.socket;
        response.resume().on('end', () => resolve([response.statusCode, localPort]));
      },
    );
    sent.on('error', reject);
    sent.end('{"message":"m"}');
  });
}

test('listeners come and go; connections of those that stay go on', async (t) => {
  const [tcp, udp, tls, http, late, other] = (await freePorts(6)) as [number, number, number, number, number, number];
  const stay = [
    `syslog+tcp://127.0.0.1:${tcp}`,
    `syslog+tls://127.0.0.1:${tls}${tlsQuery}`,
    `http://127.0.0.1:${http}`,
  ];
  const deliver = { PENSTOCK_DELIVER: 'store:./data' };
  const { penstock, write, hangUp } = await start(t, {
    ...deliver,
    PENSTOCK_LISTEN: [...stay, `ndjson+tcp://127.0.0.1:${other}`].join(','),
  });
  const plain = await open(tcp);
  const secure = connectTls({ port: tls, host: '127.0.0.1', rejectUnauthorized: false });
  await once(secure, 'secureConnect');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const leaving = await open(other);
  plain.write(line('before'));
  secure.write(line('before'));
  leaving.write('{"message":"before"}\n');
  const [status, localPort] = await post(http, agent);
  assert.equal(status, 200);
  await penstock.untilMetric('penstock_events_committed_total', 4);

  leaving.write('{"message":"sent just before it is closed"}\n');
  const left = once(leaving, 'close');
  leaving.resume();
  write({ ...deliver, PENSTOCK_LISTEN: [`syslog+tcp://127.0.0.1:${late}`, ...stay].join(',') });
  await hangUp('applied');
  await left;
  await assert.rejects(open(other), { code: 'ECONNREFUSED' });

  plain.write(line('after'));
  secure.write(line('after'));
  assert.deepEqual(await post(http, agent), [200, localPort], 'the same connection');
  const added = await open(late);
  added.end(line('to the new listener'));
  await penstock.untilMetric('penstock_events_committed_total', 9);
  // Of these two were on the listener that is gone.
  await penstock.untilMetric('penstock_events_received_total', 7);
  const received = (port: number) => penstock.metrics().then((text) => eventsOf(text, port));
  assert.equal(await received(late), 1);
  assert.equal(await received(tcp), 2);
  assert.equal(await received(tls), 2);
  assert.equal(await received(http), 2);
  assert.equal(await received(other), 0, 'a listener that is gone has no series');
  assert.ok(udp > 0);
  for (const socket of [plain, secure]) socket.destroy();
  agent.destroy();
  assert.equal(await penstock.stop(), 0);
  assert.match(penstock.output, /stopped: 9 events received, 9 delivered to \S+, 0 left/);
  assert.doesNotMatch(penstock.output, /UNACCOUNTED/);
});

test('more listeners come and go than there are slots for at once', async (t) => {
  const ports = await freePorts(30);
  const settings = (idleMs: number) => ({
    PENSTOCK_DELIVER: 'null:',
    PENSTOCK_LISTEN: ports.map((port) => `syslog+tcp://127.0.0.1:${port}?idle_timeout_ms=${idleMs}`).join(','),
  });
  const { penstock, write, hangUp } = await start(t, settings(60_000));
  for (let i = 1; i <= 4; i++) {
    write(settings(60_000 + i));
    await hangUp('applied');
    for (const port of ports) (await open(port)).end(line('through a slot of its own'));
    await penstock.expectMetric('penstock_events_received_total', ports.length); // counted since the change
  }
});

test('a changed file is taken over by itself; one with mistakes is refused whole, every mistake named', async (t) => {
  const [one, two] = (await freePorts(2)) as [number, number];
  const good = { PENSTOCK_DELIVER: 'null:', PENSTOCK_LISTEN: `syslog+tcp://127.0.0.1:${one}` };
  const { penstock, write } = await start(t, good, 50);
  const kept = await open(one);
  const until = (result: string, count: number) =>
    penstock.expectMetric('penstock_config_reloads_total', count, { result });
  const fingerprint = async () => /penstock_config_info\{fingerprint="(\w+)"\} 1/.exec(await penstock.metrics())?.[1];
  const first = await fingerprint();

  write({ ...good, PENSTOCK_LISTEN: `${good.PENSTOCK_LISTEN},tcp://127.0.0.1:${two}`, PENSTOCK_LINGER: 3 });
  await until('invalid', 1);
  await penstock.untilOutput(/PENSTOCK_LISTEN=tcp:.*a URL with one of/);
  await penstock.untilOutput(/PENSTOCK_LINGER=3 .*there is no such flag/);
  assert.equal(await penstock.metric('penstock_config_last_reload_successful'), 0);
  await assert.rejects(open(two));

  write({ ...good, PENSTOCK_LISTEN: `${good.PENSTOCK_LISTEN},syslog+tcp://127.0.0.1:${two}`, PENSTOCK_RECEIVERS: 2 });
  await until('needs_restart', 1);
  await penstock.untilOutput(/PENSTOCK_RECEIVERS changed, which needs a restart/);
  await assert.rejects(open(two), 'nothing is half applied');
  assert.equal(await fingerprint(), first);

  write({ ...good, PENSTOCK_LISTEN: `${good.PENSTOCK_LISTEN},syslog+tcp://127.0.0.1:${two}` });
  await until('applied', 1);
  assert.equal(await penstock.metric('penstock_config_last_reload_successful'), 1);
  assert.notEqual(await fingerprint(), first);
  (await open(two)).destroy();
  kept.write(line('still here'));
  await penstock.untilMetric('penstock_events_received_total', 1);
  kept.destroy();
});

test('a listener that cannot be opened leaves everything as it was', async (t) => {
  const [one, two, taken] = (await freePorts(3)) as [number, number, number];
  const url = (port: number, more = '') => `syslog+tcp://127.0.0.1:${port}${more}`;
  const good = { PENSTOCK_DELIVER: 'null:', PENSTOCK_LISTEN: url(one) };
  const { penstock, write, hangUp } = await start(t, good);
  const kept = await open(one);
  const { createServer } = await import('node:net');
  const holder = createServer().listen(taken, '127.0.0.1');
  await once(holder, 'listening');
  t.after(() => holder.close());

  write({ ...good, PENSTOCK_LISTEN: [url(one), url(two), url(taken)].join(',') });
  await hangUp('failed');
  await assert.rejects(open(two), 'opened first, and closed again');
  write({
    ...good,
    PENSTOCK_LISTEN: [url(two), `syslog+tls://127.0.0.1:${one}?certificate=/no/such&key=/no/such`].join(','),
  });
  await hangUp('failed');
  write({ ...good, PENSTOCK_LISTEN: [url(one, '?idle_timeout_ms=5000'), url(taken)].join(',') });
  await hangUp('failed');
  kept.write(line('a connection that saw three reloads fail'));
  await penstock.untilMetric('penstock_events_received_total', 1);
  kept.destroy();
});

/** A directory with one format pack, of the program doord. */
function doorPack(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-formats-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'door'));
  const steps = 'steps: [{ set: { event.action: door_opened } }]';
  writeFileSync(join(directory, 'door/pack.yaml'), `name: door\ntitle: Doors\nrecognise: [{ app: doord }]\n${steps}\n`);
  return directory;
}
const doorLine = '<34>1 2024-05-01T00:00:00Z host doord 1 - - opened\n';

test('packs too stay as they were when a listener cannot be opened', async (t) => {
  const [one, two, taken] = (await freePorts(3)) as [number, number, number];
  const url = (port: number, more = '') => `syslog+tcp://127.0.0.1:${port}${more}`;
  const good = { PENSTOCK_DELIVER: 'null:', PENSTOCK_LISTEN: url(one), PENSTOCK_FORMATS: doorPack(t) };
  const { penstock, write, hangUp } = await start(t, good);
  const kept = await open(one);
  t.after(() => kept.destroy());
  const { createServer } = await import('node:net');
  const holder = createServer().listen(taken, '127.0.0.1');
  await once(holder, 'listening');
  t.after(() => holder.close());

  const listeners = [url(one), url(two, '?format=none'), url(taken, '?format=none')];
  write({ ...good, PENSTOCK_LISTEN: listeners.join(','), PENSTOCK_FORMATS: 'off' });
  await hangUp('failed');
  kept.write(doorLine);
  await penstock.untilMetric('penstock_events_received_total', 1);
  await penstock.expectMetric('penstock_events_recognised_total', 1, { pack: 'door' });

  // What comes has a pack that what stays does not know.
  const without = { ...good, PENSTOCK_FORMATS: 'off' };
  write(without);
  await hangUp('applied');
  write({ ...good, PENSTOCK_LISTEN: [url(one), url(two, '?format=door'), url(taken)].join(',') });
  await hangUp('failed');
  kept.write(doorLine);
  await penstock.untilMetric('penstock_events_received_total', 2);
  await penstock.expectMetric('penstock_events_recognised_total', 1, { pack: 'door' });
  assert.doesNotMatch(penstock.output, /workers may go on/);
});

test('a listener and the pack that it alone had go at once', async (t) => {
  const [one, two] = (await freePorts(2)) as [number, number];
  const stay = `syslog+tcp://127.0.0.1:${one}`;
  const pinned = `syslog+tcp://127.0.0.1:${two}?format=door`;
  const deliver = { PENSTOCK_DELIVER: 'null:' };
  const { write, hangUp } = await start(t, {
    ...deliver,
    PENSTOCK_LISTEN: `${stay},${pinned}`,
    PENSTOCK_FORMATS: doorPack(t),
  });
  write({ ...deliver, PENSTOCK_LISTEN: stay, PENSTOCK_FORMATS: 'off' });
  await hangUp('applied');
});

test('sinks come and go: one that comes gets what the journal has, one that comes back resumes', async (t) => {
  const [port] = (await freePorts(1)) as [number];
  const listen = { PENSTOCK_LISTEN: `syslog+tcp://127.0.0.1:${port}` };
  const both = { ...listen, PENSTOCK_DELIVER: 'store:./data,null:' };
  const { penstock, write, hangUp } = await start(t, { ...listen, PENSTOCK_DELIVER: 'store:./data' });
  const socket = await open(port);
  const untilDelivered = (sink: string, count: number) =>
    penstock.expectMetric('penstock_events_delivered_total', count, { sink });
  socket.write(line('one').repeat(10));
  await penstock.untilMetric('penstock_events_delivered_total', 10);

  write(both);
  await hangUp('applied');
  await untilDelivered('null', 10);
  socket.write(line('two').repeat(10));
  await untilDelivered('null', 20);
  await untilDelivered('store-data', 20);

  write({ ...listen, PENSTOCK_DELIVER: 'store:./data' });
  await hangUp('applied');
  await penstock.untilOutput(/null is not configured: the journal keeps what it had not got/);
  assert.equal(await penstock.metric('penstock_journal_removed_sinks'), 1);
  socket.write(line('three').repeat(10));
  await untilDelivered('store-data', 30);

  write(both);
  await hangUp('applied');
  await untilDelivered('null', 10); // counted from its return: the third ten
  socket.write(line('four').repeat(10));
  await untilDelivered('null', 20);
  await untilDelivered('store-data', 40);
  assert.equal(await penstock.metric('penstock_unaccounted_events'), 0);
  assert.equal(await penstock.metric('penstock_journal_events'), 0);
  socket.destroy();
});

test('a sink whose options change under load: each event is accounted for', async (t) => {
  const [port] = (await freePorts(1)) as [number];
  const settings = (days: number) => ({
    PENSTOCK_LISTEN: `syslog+tcp://127.0.0.1:${port}`,
    PENSTOCK_DELIVER: `store:./data?retention_days=${days}`,
  });
  const { penstock, write, hangUp } = await start(t, settings(1));
  const socket = await open(port);
  let sent = 0;
  const load = setInterval(() => {
    socket.write(line('load').repeat(20));
    sent += 20;
  }, 5);
  t.after(() => clearInterval(load));
  for (let days = 2; days < 7; days++) {
    write(settings(days));
    await hangUp('applied');
    const checks = await penstock.metric('penstock_ledger_checks_total');
    await penstock.untilMetric('penstock_ledger_checks_total', checks + 2);
  }
  clearInterval(load);
  await penstock.untilMetric('penstock_events_received_total', sent);
  assert.equal(await penstock.metric('penstock_ledger_breaches_total'), 0, penstock.output);
  socket.destroy();
  assert.equal(await penstock.stop(), 0);
  const [, opening, received, delivered] =
    /ledger store-data: (\d+) from earlier runs \+ (\d+) received = (\d+) delivered /.exec(penstock.output) ?? [];
  assert.equal(Number(opening) + Number(received), Number(delivered), penstock.output);
  assert.ok(Number(delivered) < sent, 'counted since it came again');
  assert.match(penstock.output, / 0 left in the journal$/m);
  assert.doesNotMatch(penstock.output, /is not configured/);
});

test('certificates are read again on SIGHUP: new connections get the new one, open ones stay', async (t) => {
  const [tls, https] = (await freePorts(2)) as [number, number];
  const directory = mkdtempSync(join(tmpdir(), 'penstock-certificates-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const use = (name: string) => {
    for (const part of ['certificate', 'key'])
      copyFileSync(join(projectRoot, `test/data/tls/${name}${part}.pem`), join(directory, `${part}.pem`));
  };
  use('');
  const files = `?certificate=${directory}/certificate.pem&key=${directory}/key.pem`;
  const { penstock, hangUp } = await start(t, {
    PENSTOCK_DELIVER: 'null:',
    PENSTOCK_LISTEN: `syslog+tls://127.0.0.1:${tls}${files},https://127.0.0.1:${https}${files}`,
  });
  const shake = async (port: number) => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return { socket, shown: socket.getPeerCertificate().fingerprint256 };
  };
  const ends = async () => {
    const samples = (await penstock.metrics()).matchAll(
      /^penstock_listener_certificate_expiry_timestamp_seconds\{.*\} (\d+)$/gm,
    );
    return [...samples].map(([, seconds]) => Number(seconds));
  };
  const written = () => {
    const { validTo } = new X509Certificate(readFileSync(join(directory, 'certificate.pem')));
    return [Date.parse(validTo) / 1000, Date.parse(validTo) / 1000];
  };
  assert.deepEqual(await ends(), written());
  const before = await shake(tls);
  const old = new X509Certificate(readFileSync(join(directory, 'certificate.pem'))).fingerprint256;
  assert.equal(before.shown, old);

  use('other-');
  await hangUp('unchanged');
  const renewed = new X509Certificate(readFileSync(join(directory, 'certificate.pem'))).fingerprint256;
  assert.notEqual(renewed, old);
  const after = [await shake(tls), await shake(https)];
  assert.deepEqual(
    after.map(({ shown }) => shown),
    [renewed, renewed],
  );
  const renewedEnds = written();
  assert.deepEqual(await ends(), renewedEnds);
  before.socket.write(line('over the connection of the old certificate'));
  await penstock.untilMetric('penstock_events_received_total', 1);

  writeFileSync(join(directory, 'key.pem'), 'no key');
  await hangUp('failed');
  const still = await shake(https);
  assert.deepEqual(await ends(), renewedEnds);
  assert.equal(still.shown, renewed);
  for (const { socket } of [before, ...after, still]) socket.destroy();
});

function eventsOf(metrics: string, port: number): number {
  return Number(
    new RegExp(`penstock_events_received_total\\{listener="[^"]*:${port}[^"]*"\\} (\\d+)`).exec(metrics)?.[1] ?? 0,
  );
}

test('limits and targets are taken over; a journal can be given more room, and not less', async (t) => {
  const [port = 0] = await freePorts(1);
  const GiB = 2 ** 30;
  const first = {
    PENSTOCK_DELIVER: 'kafka://127.0.0.1:1/away',
    PENSTOCK_LISTEN: `syslog+tcp://127.0.0.1:${port}`,
    PENSTOCK_JOURNAL_BYTES_MAX: 4 * GiB,
    PENSTOCK_COMPRESSION: 'none',
  };
  const { penstock, write, hangUp } = await start(t, first);
  const socket = await open(port);
  t.after(() => socket.destroy());
  const send = async () => {
    const committed = await penstock.metric('penstock_events_committed_total');
    socket.write(line('x'.repeat(200)).repeat(100));
    await penstock.untilMetric('penstock_events_committed_total', committed + 100);
  };
  const small = {
    ...first,
    PENSTOCK_BATCH_BYTES: 8192,
    PENSTOCK_BATCH_PACKED_BYTES: 8192,
    PENSTOCK_LINGER_MS: 40,
    PENSTOCK_LINGER_MAX_MS: 40,
    PENSTOCK_JOURNAL_BYTES_MAX: 6 * GiB,
    PENSTOCK_BREAKER_FAILURES: 2,
    PENSTOCK_BREAKER_AFTER_MS: 0,
  };
  assert.equal(await penstock.metric('penstock_linger_seconds'), 0.005);
  await send();
  assert.ok((await penstock.metric('penstock_batch_target_bytes')) > 100_000);
  write(small);
  await hangUp('applied');
  assert.equal(await penstock.metric('penstock_linger_seconds'), 0.04);
  assert.equal(await penstock.metric('penstock_journal_bytes_max'), 6 * GiB);
  // A worker takes over the targets when it begins its next batch, and says so with the one after.
  const target = () => penstock.metric('penstock_batch_target_bytes');
  await penstock.until('the target is small', async () => {
    await send();
    return (await target()) === 8192;
  });
  const opened = { sink: 'kafka-away' };
  await penstock.untilMetric('penstock_sink_breaker_opened_total', 1, { labels: opened }); // two failures are enough now

  write({ ...small, PENSTOCK_JOURNAL_BYTES_MAX: 5 * GiB, PENSTOCK_LINGER_MS: 1 });
  await hangUp('needs_restart');
  await penstock.untilOutput(/PENSTOCK_JOURNAL_BYTES_MAX can be raised while the process runs, and not lowered/);
  assert.equal(await penstock.metric('penstock_journal_bytes_max'), 6 * GiB);
  assert.equal(await penstock.metric('penstock_linger_seconds'), 0.04, 'nothing is half applied');
});
