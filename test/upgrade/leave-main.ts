/**
 * Makes the archive of a data directory as this version leaves it, for later versions to go on with (test/e2e/kafka/upgrade.test.ts):
 *
 *     node dist/test/upgrade/leave-main.js test/data/data-directories/VERSION.tar.gz
 *
 * Four lives, each with another encoding and codec, the first three ended by SIGKILL. A Kafka sink that nobody answers, so that all waits
 * in the journal; a store that has all; events that do not fit a schema, so that there are dead letters; some with priority.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { freePorts } from '../support/ports.js';
import { deliverTo, idsAndMessages, type Left, storeId } from './left.js';

/** Accepted events of each life, numbered on through all; and what the schema refuses. */
const accepted = 40;
const refused = 3;
const lives: readonly Readonly<Record<string, string>>[] = [
  { PENSTOCK_ENCODING: 'protobuf', PENSTOCK_COMPRESSION: 'zstd' },
  { PENSTOCK_ENCODING: 'frames', PENSTOCK_COMPRESSION: 'zstd' },
  { PENSTOCK_ENCODING: 'compact', PENSTOCK_COMPRESSION: 'lz4' },
  { PENSTOCK_ENCODING: 'json', PENSTOCK_COMPRESSION: 'gzip' },
];
const schema = { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] };

async function send(port: number, lines: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject).once('close', () => resolve());
    socket.end(`${lines.join('\n')}\n`);
    socket.resume();
  });
}

async function post(port: number, lines: readonly string[]): Promise<void> {
  const url = `http://127.0.0.1:${port}/ingest`;
  const headers = { 'Content-Type': 'application/x-ndjson' };
  const answer = await fetch(url, { method: 'POST', headers, body: lines.join('\n') });
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
}

async function live(life: number, directory: string, schemaFile: string): Promise<void> {
  const schemes = ['syslog+tcp', 'ndjson+tcp', 'http', 'http'] as const;
  const ports = await freePorts(schemes.length);
  const urls = schemes.map((scheme, i) => `${scheme}://127.0.0.1:${ports[i]}`);
  urls[3] += `?schema=${schemaFile}`;
  const penstock = await PenstockProcess.start({
    listen: schemes,
    ports,
    directory,
    deliver: deliverTo('127.0.0.1:1'),
    env: {
      ...lives[life],
      PENSTOCK_LISTEN: urls.join(','),
      PENSTOCK_WORKERS: '2',
      PENSTOCK_SEGMENT_BYTES: '2MiB',
      PENSTOCK_BATCH_BYTES_MAX: '1MiB',
      PENSTOCK_PRIORITY: 'severity<=warning',
      PENSTOCK_SHUTDOWN_TIMEOUT_MS: '1000',
    },
  });
  const [syslog = 0, ndjson = 0, http = 0, checked = 0] = ports;
  const numbers = (from: number) => Array.from({ length: accepted / 4 }, (_, i) => life * accepted + from + i);
  const quarter = accepted / 4;
  await send(
    syslog,
    numbers(0).map(
      (n) => `<34>1 2026-11-22T10:00:00.${String(n).padStart(3, '0')}Z gate app 7 id [a@1 n="${n}"] seq=${n}; opened`,
    ),
  );
  await send(
    syslog,
    numbers(quarter).map(
      (n) => `<86>Nov 22 10:00:01 host sshd[${n}]: seq=${n}; Failed password for root from 203.0.113.7 port 22 ssh2`,
    ),
  );
  await send(
    ndjson,
    numbers(2 * quarter).map((n) =>
      JSON.stringify({ message: `seq=${n}; of a stream`, source: { ip: '192.0.2.1', port: n } }),
    ),
  );
  await post(
    http,
    numbers(3 * quarter).map((n) => JSON.stringify({ message: `seq=${n}; posted`, note: 'ä "quoted"' })),
  );
  await post(
    checked,
    Array.from({ length: refused }, (_, i) => JSON.stringify({ message: i, life })),
  );
  const all = accepted + refused;
  await penstock.untilMetric('penstock_events_received_total', all);
  await penstock.untilMetric('penstock_events_delivered_total', accepted, { labels: { sink: storeId } });
  await penstock.untilMetric('penstock_events_dead_lettered_total', refused, { labels: { sink: storeId } });
  if (life < lives.length - 1) await penstock.kill9();
  else await penstock.stop();
}

async function main(archive: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-left-'));
  try {
    const schemaFile = join(directory, 'schema.json');
    writeFileSync(schemaFile, JSON.stringify(schema));
    for (let life = 0; life < lives.length; life++) await live(life, directory, schemaFile);
    const exported = spawnSync(
      join(projectRoot, 'bin/penstock'),
      ['journal', 'export', '--data', join(directory, 'data')],
      { encoding: 'utf8', env: { PATH: process.env.PATH ?? '' } },
    );
    if (exported.status !== 0) throw new Error(exported.stderr);
    const events = idsAndMessages(exported.stdout);
    const left: Left = { events, deadLetters: refused * lives.length };
    if (events.length !== accepted * lives.length) throw new Error(`the journal holds ${events.length} events`);
    mkdirSync(dirname(archive), { recursive: true });
    execFileSync('tar', ['--sparse', '-czf', archive, '-C', directory, 'data']);
    writeFileSync(archive.replace(/\.tar\.gz$/, '.json'), `${JSON.stringify(left, null, 1)}\n`);
    console.log(`${basename(archive)}: ${events.length} events, ${left.deadLetters} dead letters`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const [archive] = process.argv.slice(2);
if (!archive?.endsWith('.tar.gz')) throw new Error('usage: node dist/test/upgrade/leave-main.js ARCHIVE.tar.gz');
await main(archive);
