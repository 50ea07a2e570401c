/** Rates of senders changed by a reload, on connections that stay open. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { projectRoot } from '../../native/load.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { freePorts } from '../support/ports.js';

const tls = `certificate=${join(projectRoot, 'test/data/tls/certificate.pem')}&key=${join(projectRoot, 'test/data/tls/key.pem')}`;
/** At 1 KiB a second, what is sent below would take minutes. */
const slow = 'rate_bytes=1024';
const lines = 100;
const block = `<34>1 2024-05-01T00:00:00Z host app 1 - - ${'x'.repeat(1900)}\n`.repeat(lines);

/** `listen` makes the listeners' URLs of their options; resolves with what takes others over. */
async function start(t: TestContext, listen: (options: string) => string, options: string) {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-rates-'));
  const file = join(directory, 'penstock.yaml');
  const write = (next: string) =>
    writeFileSync(file, JSON.stringify({ PENSTOCK_LISTEN: listen(next), PENSTOCK_DELIVER: 'null:' }));
  write(options);
  const env = { PENSTOCK_CONFIG: file, PENSTOCK_CONFIG_POLL_MS: '0', PENSTOCK_LISTEN: '', PENSTOCK_DELIVER: '' };
  const penstock = await PenstockProcess.start({ listen: [], directory, env });
  t.after(async () => {
    await penstock.dispose();
    rmSync(directory, { recursive: true, force: true });
  });
  const reload = async (next: string) => {
    const applied = () => penstock.metric('penstock_config_reloads_total', { result: 'applied' });
    const before = await applied();
    write(next);
    penstock.child.kill('SIGHUP');
    await penstock.untilMetric('penstock_config_reloads_total', before + 1);
    assert.equal(await applied(), before + 1, penstock.output);
  };
  return { penstock, reload };
}

const url = (scheme: string, port: number, options: string) => `${scheme}://127.0.0.1:${port}?${options}`;

for (const scheme of ['syslog+tcp', 'syslog+tls'])
  test(`${scheme}: a connection that waits for its rate goes on when that is lifted, and waits again when it is back`, async (t) => {
    const [port = 0] = await freePorts(1);
    const withTls = (options: string) => (scheme === 'syslog+tls' ? `${tls}&${options}` : options);
    const { penstock, reload } = await start(t, (options) => url(scheme, port, withTls(options)), slow);
    const open = async () => {
      const socket =
        scheme === 'syslog+tls'
          ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
          : connect(port, '127.0.0.1');
      await once(socket, scheme === 'syslog+tls' ? 'secureConnect' : 'connect');
      t.after(() => socket.destroy());
      return socket;
    };
    const pauses = () => penstock.metric('penstock_listener_rate_pauses_total');
    const socket = await open();
    socket.write(block.repeat(5));
    await penstock.untilMetric('penstock_listener_rate_pauses_total', 1);
    assert.ok((await penstock.metric('penstock_events_received_total')) < 5 * lines);

    await reload('');
    await penstock.untilMetric('penstock_events_received_total', 5 * lines);
    const later = await open(); // when there is no rate
    later.write(block);
    await penstock.untilMetric('penstock_events_received_total', 6 * lines);
    const before = await pauses();
    await delay(50);
    assert.equal(await pauses(), before, 'nobody waits');

    await reload(slow);
    later.write(block.repeat(5));
    await penstock.untilMetric('penstock_listener_rate_pauses_total', before + 1);
    await reload('rate_bytes=100MiB');
    await penstock.untilMetric('penstock_events_received_total', 11 * lines);
    assert.equal(await penstock.metric('penstock_listener_connections_accepted_total'), 2);
    assert.equal(await penstock.metric('penstock_listener_connections_open'), 2, 'none was closed');
  });

test('syslog+udp: the same socket drops what is beyond the new rate', async (t) => {
  const [port = 0] = await freePorts(1);
  const { penstock, reload } = await start(t, (options) => url('syslog+udp', port, options), '');
  const sender = createSocket('udp4');
  t.after(() => sender.close());
  const send = async () => {
    for (let i = 0; i < 20; i++) await new Promise((sent) => sender.send('<34>hello', port, '127.0.0.1', sent));
  };
  await send();
  await penstock.untilMetric('penstock_events_received_total', 20);
  await reload('rate_datagrams=1&rate_burst_ms=10000');
  await send();
  await penstock.untilMetric('penstock_listener_dropped_datagrams_total', 1);
  await reload('');
  const dropped = async () => penstock.metric('penstock_listener_dropped_datagrams_total', { reason: 'rate' });
  /** Each became an event or was dropped. */
  const untilSeen = (datagrams: number) =>
    penstock.until(`${datagrams} datagrams are seen to`, async () => {
      return (await dropped()) + (await penstock.metric('penstock_events_received_total')) >= datagrams;
    });
  await untilSeen(40);
  const before = await dropped();
  assert.ok(before >= 1 && before < 20, `${before} dropped`);
  await send();
  await untilSeen(60);
  assert.equal(await dropped(), before);
});

test('http: a kept connection is answered by the new rate', async (t) => {
  const [port = 0] = await freePorts(1);
  const { reload } = await start(t, (options) => url('http', port, options), slow);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const post = () =>
    new Promise<readonly [number | undefined, number | undefined]>((resolve, reject) => {
      const headers = { 'content-type': 'text/plain' };
      const sent = request({ port, agent, method: 'POST', path: '/ingest', headers }, (response) => {
        const { localPort } = response.socket;
        response.resume().on('end', () => resolve([response.statusCode, localPort]));
      });
      sent.on('error', reject);
      sent.end(block.slice(0, 100_000));
    });
  const [first, connection] = await post();
  assert.equal(first, 200);
  await reload('rate_bytes=100MiB&rate_burst_ms=2000');
  assert.deepEqual(await post(), [200, connection]);
  await reload('');
  assert.deepEqual(await post(), [200, connection]);
  await reload(slow);
  assert.deepEqual(await post(), [200, connection], 'the first may exceed what is left');
  assert.deepEqual(await post(), [429, connection]);
});
