/** The process from start to end: what it prints, which signals do what, with which code it exits. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../native/load.js';
import { runAudit } from '../support/audit.js';
import { temporaryDirectory } from '../support/journal.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { freePorts } from '../support/ports.js';
import { patienceMs } from '../support/until.js';

async function sendLines(port: number, count: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (let i = 0; i < count; i++) socket.write(`<34>1 2024-05-01T00:00:00Z host app ${i} - - message ${i}\n`);
  socket.end();
  socket.resume();
  await once(socket, 'close');
}

test('it says where it listens and what to try; SIGTERM delivers and exits with 0', async () => {
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp', 'http'] });
  try {
    await penstock.untilOutput(/try: {2}logger -n 127\.0\.0\.1 -P \d+ -T /);
    for (const port of penstock.ports) assert.match(penstock.output, new RegExp(`listening +\\S+:${port}\\n`));
    await sendLines(penstock.ports[0] as number, 1000);
    await penstock.untilMetric('penstock_events_received_total', 1000);
    assert.equal(await penstock.stop(), 0);
    assert.match(penstock.output, /stopped: 1000 events received, 1000 delivered to \S+, 0 left in the journal\n/);
  } finally {
    await penstock.dispose();
  }
});

test('events that were only just accepted are delivered before it ends', async () => {
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'] });
  try {
    await sendLines(penstock.ports[0] as number, 20_000);
    assert.equal(await penstock.stop(), 0);
    const received = Number(/stopped: (\d+) events received/.exec(penstock.output)?.[1]);
    assert.match(penstock.output, new RegExp(`${received} delivered to \\S+, 0 left in the journal`));
    assert.doesNotMatch(penstock.output, /UNACCOUNTED/);
  } finally {
    await penstock.dispose();
  }
});

// `npm start | tee log`: Ctrl-C ends the tee first.
test('it drains and stops as usual when nobody reads any more what it says', async () => {
  const env = { PENSTOCK_SHUTDOWN_TIMEOUT_MS: '3000' };
  const deliver = 'kafka://127.0.0.1:1/events';
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver, env });
  try {
    await sendLines(penstock.ports[0] as number, 50);
    await penstock.untilMetric('penstock_events_committed_total', 50);
    penstock.child.stdout?.destroy();
    penstock.child.stderr?.destroy();
    const asked = Date.now();
    assert.equal(await penstock.stop(), 0);
    assert.ok(Date.now() - asked > 2000, 'it did not try to deliver');
    const { report } = runAudit(join(penstock.directory, 'data'), deliver);
    assert.equal(report.sinks[0]?.waiting, 50);
  } finally {
    await penstock.dispose();
  }
});

test('it runs and reloads on a full disk for what it says', async () => {
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], outputTo: '/dev/full' });
  try {
    penstock.child.kill('SIGHUP');
    await sendLines(penstock.ports[0] as number, 1000);
    await penstock.untilMetric('penstock_sink_delivered_events_total', 1000);
    assert.equal(await penstock.stop(), 0);
  } finally {
    await penstock.dispose();
  }
});

test('a sink that is away: the first signal waits, the second exits at once and says what is left', async () => {
  const [deadPort] = await freePorts(1);
  const deliver = `kafka://127.0.0.1:${deadPort}/events`;
  const env = { PENSTOCK_SHUTDOWN_TIMEOUT_MS: '3600000' };
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver, env });
  try {
    await sendLines(penstock.ports[0] as number, 50);
    await penstock.untilMetric('penstock_events_committed_total', 50);
    penstock.child.kill('SIGINT');
    await penstock.untilOutput(/SIGINT: receiving has stopped/);
    assert.equal(await penstock.stop(patienceMs), 1); // an hour before the time it has to deliver
    assert.match(
      penstock.output,
      /SIGTERM again: exiting at once; left in the journal for the next start: 50 events for /,
    );
  } finally {
    await penstock.dispose();
  }
});

test('a sink that is away: at the deadline what is left stays in the journal, and it exits with 0', async () => {
  const [deadPort] = await freePorts(1);
  const deliver = `kafka://127.0.0.1:${deadPort}/events`;
  const env = { PENSTOCK_SHUTDOWN_TIMEOUT_MS: '500' };
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver, env });
  try {
    await sendLines(penstock.ports[0] as number, 50);
    await penstock.untilMetric('penstock_events_committed_total', 50);
    assert.equal(await penstock.stop(), 0);
    assert.match(penstock.output, /50 events received, 0 delivered to \S+, 50 left in the journal/);
  } finally {
    await penstock.dispose();
  }
});

test('a full journal: senders that are held back do not hold up the end', { timeout: 120_000 }, async () => {
  const [deadPort] = await freePorts(1);
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp'],
    deliver: `kafka://127.0.0.1:${deadPort}/events`,
    env: {
      PENSTOCK_JOURNAL_BYTES_MAX: '64MiB',
      PENSTOCK_SEGMENT_BYTES: '4MiB',
      PENSTOCK_COMPRESSION: 'none',
      PENSTOCK_SHUTDOWN_TIMEOUT_MS: '2000',
    },
  });
  const sender = sendWithoutEnd(penstock.ports[0] as number);
  try {
    await penstock.untilMetric('penstock_journal_full', 1);
    await penstock.untilMetric('penstock_queue_high', 1, { labels: { stage: 'ring' } });
    const began = performance.now();
    assert.equal(await penstock.stop(patienceMs), 0);
    assert.ok(performance.now() - began < 20_000, 'the deadline of two seconds holds');
    assert.match(penstock.output, /although not all that they sent was read/);
    assert.match(penstock.output, /; 0 unaccounted for\n/);
  } finally {
    sender.destroy();
    await penstock.dispose();
  }
});

test('an address in use ends the start with its name and a remedy', async () => {
  const penstock = await PenstockProcess.start({ listen: ['http'] });
  try {
    const listen = `http://127.0.0.1:${penstock.ports[0]}`;
    const second = spawnSync(join(projectRoot, 'bin/penstock'), ['run'], {
      env: { PATH: process.env.PATH, PENSTOCK_LISTEN: listen, PENSTOCK_ADMIN: 'off', PENSTOCK_DELIVER: 'null:' },
      cwd: penstock.directory,
      encoding: 'utf8',
      timeout: 900_000,
    });
    assert.equal(second.status, 1, second.stderr);
    assert.match(second.stderr, new RegExp(`penstock: .*127\\.0\\.0\\.1:${penstock.ports[0]}.*\\n  \\S`));
  } finally {
    await penstock.dispose();
  }
});

test('a data directory in use ends the start with its name', async () => {
  const penstock = await PenstockProcess.start({ listen: ['http'] });
  try {
    const second = spawnSync(join(projectRoot, 'bin/penstock'), [], {
      env: {
        PATH: process.env.PATH,
        PENSTOCK_LISTEN: 'http://127.0.0.1:0',
        PENSTOCK_ADMIN: 'off',
        PENSTOCK_DATA: join(penstock.directory, 'data'),
      },
      cwd: penstock.directory,
      encoding: 'utf8',
      timeout: 900_000,
    });
    assert.equal(second.status, 1, second.stderr);
    assert.ok(second.stderr.includes(join(penstock.directory, 'data')), second.stderr);
  } finally {
    await penstock.dispose();
  }
});

test('a full journal: a reload that changes a listener is not held up by its senders, nor is the end', {
  timeout: 120_000,
}, async (t) => {
  const [deadPort, port] = (await freePorts(2)) as [number, number];
  const listen = (query: string) => `syslog+tcp://127.0.0.1:${port}${query}`;
  const { penstock, write, full } = await soonFull(t, deadPort, listen(''));
  const sender = sendWithoutEnd(port);
  try {
    await full();
    write(listen('?idle_timeout_ms=99000'), '65MiB');
    penstock.child.kill('SIGHUP');
    await penstock.untilMetric('penstock_config_reloads_total', 1, { labels: { result: 'applied' } });
    assert.equal(await penstock.metric('penstock_journal_bytes_max'), 65 << 20);
    assert.match(penstock.output, /what the old ones have sent is read when there is room for it/);
    const another = connect(port, '127.0.0.1');
    await once(another, 'connect'); // the changed listener is there
    another.destroy();
    await full();
    write(listen('?idle_timeout_ms=98000'), '65MiB');
    penstock.child.kill('SIGHUP');
    // Until the old listener is being closed: then the change is under way.
    for (let turn = 0; turn < 160 && (await accepts(port)); turn++) await delay(25);
    const began = performance.now();
    assert.equal(await penstock.stop(patienceMs), 0);
    assert.ok(performance.now() - began < 20_000, 'the deadline of two seconds holds');
    assert.match(penstock.output, /; 0 unaccounted for\n/);
  } finally {
    sender.destroy();
    await penstock.dispose();
  }
});

test('a full journal: a reload that fails behind a listener with held senders ends, and the next one raises the journal', {
  timeout: 120_000,
}, async (t) => {
  const [deadPort, port] = (await freePorts(2)) as [number, number];
  const listen = (host: string) => `syslog+tcp://${host}:${port}`;
  const { penstock, write, full } = await soonFull(t, deadPort, listen('127.0.0.1'));
  const sender = sendWithoutEnd(port);
  // Stands in the way of all addresses together.
  const other = createServer().listen(port, '127.0.0.2');
  await once(other, 'listening');
  const reload = (result: string, count: number): Promise<void> => {
    penstock.child.kill('SIGHUP');
    return penstock.untilMetric('penstock_config_reloads_total', count, { labels: { result }, timeoutMs: 30_000 });
  };
  let another: Socket | undefined;
  try {
    await full();
    write(listen('0.0.0.0'), '64MiB');
    await reload('failed', 1);
    assert.match(penstock.output, /stays closed until there is room for what its connections have sent/);
    write(listen('127.0.0.1'), '65MiB');
    await reload('applied', 1);
    assert.equal(await penstock.metric('penstock_journal_bytes_max'), 65 << 20);
    another = sendWithoutEnd(port);
    await once(another, 'connect'); // the listener is there again
    await full();
    write(listen('0.0.0.0'), '65MiB');
    await reload('failed', 2);
    assert.equal(await penstock.stop(patienceMs), 0);
    assert.match(penstock.output, /; 0 unaccounted for\n/);
  } finally {
    sender.destroy();
    another?.destroy();
    other.close();
    await penstock.dispose();
  }
});

/** A process whose journal is full soon, since nothing is delivered; `write` sets its listener and the journal's limit for the next reload. */
async function soonFull(t: TestContext, deadPort: number, listen: string) {
  const directory = temporaryDirectory(t);
  const file = join(directory, 'penstock.yaml');
  const write = (listener: string, bytesMax: string): void =>
    writeFileSync(
      file,
      JSON.stringify({
        PENSTOCK_LISTEN: listener,
        PENSTOCK_DELIVER: `kafka://127.0.0.1:${deadPort}/events`,
        PENSTOCK_JOURNAL_BYTES_MAX: bytesMax,
      }),
    );
  write(listen, '64MiB');
  const env = {
    PENSTOCK_CONFIG: file,
    PENSTOCK_CONFIG_POLL_MS: '0',
    PENSTOCK_LISTEN: '',
    PENSTOCK_DELIVER: '',
    PENSTOCK_SEGMENT_BYTES: '4MiB',
    PENSTOCK_COMPRESSION: 'none',
    PENSTOCK_SHUTDOWN_TIMEOUT_MS: '2000',
  };
  const penstock = await PenstockProcess.start({ listen: [], directory, env });
  const full = async (): Promise<void> => {
    await penstock.untilMetric('penstock_journal_full', 1);
    await penstock.untilMetric('penstock_queue_high', 1, { labels: { stage: 'ring' } });
  };
  return { penstock, write, full };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const accepted = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return accepted;
}

/** A sender that does not stop, and waits when it is held back. */
function sendWithoutEnd(port: number): Socket {
  const lines = Buffer.from(`<34>1 2024-05-01T00:00:00Z host app 1 - - ${'x'.repeat(2000)}\n`.repeat(500));
  const sender = connect(port, '127.0.0.1').on('error', () => undefined);
  const feed = (): void => {
    while (sender.write(lines));
  };
  return sender.on('connect', feed).on('drain', feed);
}
