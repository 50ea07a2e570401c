/** Timestamps that name no zone: the listener's, else that of the settings, which a reload takes over. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLogEvent } from '../../schema/reader.js';
import { journalRecords } from '../support/journal-records.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { freePorts } from '../support/ports.js';

test('each listener has its zone, and a reload takes another over', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-zones-'));
  const file = join(directory, 'penstock.yaml');
  const ports = (await freePorts(3)) as [number, number, number];
  const url = (port: number, zone = '') => `syslog+tcp://127.0.0.1:${port}${zone}`;
  const listen = [url(ports[0]), url(ports[1], '?time_zone=+05:30'), url(ports[2], '?time_zone=Asia/Tokyo')];
  const write = (zone: string) => {
    writeFileSync(`${file}.new`, JSON.stringify({ PENSTOCK_LISTEN: listen.join(','), PENSTOCK_TIME_ZONE: zone }));
    renameSync(`${file}.new`, file);
  };
  write('+01:00');
  const env = {
    PENSTOCK_CONFIG: file,
    PENSTOCK_CONFIG_POLL_MS: '0',
    PENSTOCK_LISTEN: '',
    PENSTOCK_WORKERS: '1',
    PENSTOCK_SHUTDOWN_TIMEOUT_MS: '1000',
  };
  const deliver = 'kafka://127.0.0.1:1/events';
  const penstock = await PenstockProcess.start({ listen: [], deliver, directory, env });
  t.after(async () => {
    await penstock.dispose();
    rmSync(directory, { recursive: true, force: true });
  });
  let sent = 0;
  const send = async (port: number) => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.end('<13>Jan 15 10:00:00 h1 app: x\n');
    await penstock.untilMetric('penstock_events_received_total', ++sent);
  };
  for (const port of ports) await send(port);
  write('-03:00');
  penstock.child.kill('SIGHUP');
  await penstock.expectMetric('penstock_config_reloads_total', 1, { result: 'applied' });
  for (const port of ports) await send(port);
  assert.equal(await penstock.stop(), 0, penstock.output);
  const times = journalRecords(join(directory, 'data')).map(({ value }) => readLogEvent(value as Buffer).timestampNs);
  const hours = times.map((time) => new Date(Number(time / 1_000_000n)).toISOString().slice(5, 16));
  const own = ['01-15T04:30', '01-15T01:00'];
  assert.deepEqual(hours, ['01-15T09:00', ...own, '01-15T13:00', ...own]);
});
