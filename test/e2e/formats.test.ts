/** Format packs in the running program: a user's own, taken over by a reload, and no JavaScript however many events there are. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PenstockProcess } from '../support/penstock-process.js';
import { assertCallsPerGroup } from '../support/pipeline-calls.js';

const pack = (app: string, pattern = 'opened by %{user.name:*}') => `
name: door
title: Doors
recognise: [{ app: ${app} }]
steps:
  - match: '${pattern}'
    required: true
    set: { event.action: door_opened, event.category: [session] }
`;
const lines = [
  '<38>Nov 21 10:00:00 host1 sshd[123]: Failed password for root from 203.0.113.7 port 22 ssh2\n',
  '<38>Nov 21 10:00:00 host1 doord[1]: opened by alice\n',
  '<38>Nov 21 10:00:00 host1 gated[1]: opened by bob\n',
  '<38>Nov 21 10:00:00 host1 other[1]: nobody knows\n',
];

async function send(port: number, text: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(text);
  await once(socket, 'close');
}

// A pack of pairs with the variables shape and color, numbered in the order in which its steps name them.
const expected = { shape: 'round', color: 'red' };
const pairs = (names: readonly (keyof typeof expected)[]) => `
name: pairs
title: Pairs
recognise: [{ app: pairs }]
steps:
  - kv: {}
${names.map((name) => `  - { from: ${name}, match: ${expected[name]}, required: true }`).join('\n')}
`;

test('after a reload names mean what the new pack says, wherever they were met before', {
  timeout: 300_000,
}, async (t) => {
  const formats = mkdtempSync(join(tmpdir(), 'penstock-formats-'));
  mkdirSync(join(formats, 'pairs'));
  const write = (names: readonly (keyof typeof expected)[]) =>
    writeFileSync(join(formats, 'pairs/pack.yaml'), pairs(names));
  write(['shape', 'color']);
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp'],
    deliver: 'null:?journal=true',
    env: { PENSTOCK_FORMATS: formats, PENSTOCK_WORKERS: '1' },
  });
  t.after(async () => {
    await penstock.dispose();
    rmSync(formats, { recursive: true, force: true });
  });
  const line = '<38>Nov 21 10:00:00 host1 pairs[1]: shape=round color=red\n';
  await send(penstock.ports[0] as number, line.repeat(3));
  await penstock.expectMetric('penstock_events_recognised_total', 3, { pack: 'pairs' });
  write(['color', 'shape']);
  penstock.child.kill('SIGHUP');
  await penstock.untilOutput(/format packs taken over/);
  await send(penstock.ports[0] as number, line.repeat(3));
  await penstock.untilMetric('penstock_events_received_total', 6);
  await penstock.expectMetric('penstock_events_recognised_total', 6, { pack: 'pairs' });
  assert.equal(await penstock.stop(), 0, penstock.output);
});

test('a pack of the user, a reload, and a pack with a mistake', { timeout: 900_000 }, async (t) => {
  const formats = mkdtempSync(join(tmpdir(), 'penstock-formats-'));
  mkdirSync(join(formats, 'door'));
  const write = (text: string) => writeFileSync(join(formats, 'door/pack.yaml'), text);
  write(pack('doord'));
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp'],
    deliver: 'null:?journal=true',
    env: { PENSTOCK_FORMATS: formats, PENSTOCK_WORKERS: '2' },
  });
  t.after(async () => {
    await penstock.dispose();
    rmSync(formats, { recursive: true, force: true });
  });
  const recognised = (pack: string, events: number) =>
    penstock.expectMetric('penstock_events_recognised_total', events, { pack });
  const hangUp = async (result: string) => {
    const before = await penstock.metric('penstock_config_reloads_total', { result });
    penstock.child.kill('SIGHUP');
    // The directory's watcher may have noticed it, too.
    await penstock.untilMetric('penstock_config_reloads_total', before + 1, { labels: { result } });
  };

  const events = 80_000;
  await send(penstock.ports[0] as number, lines.join('').repeat(events / lines.length));
  await penstock.untilMetric('penstock_events_received_total', events);
  await recognised('sshd', events / 4);
  await recognised('door', events / 4);
  assert.equal(await penstock.metric('penstock_events_unrecognised_total'), events / 2);
  assertCallsPerGroup(await penstock.metrics()); // also where packs run

  write(pack('gated'));
  await hangUp('applied'); // no setting is another; the packs are
  await penstock.untilOutput(/format packs taken over/);
  await hangUp('unchanged');
  await send(penstock.ports[0] as number, lines.join(''));
  await penstock.untilMetric('penstock_events_received_total', events + lines.length);
  await recognised('door', events / 4 + 1);

  write(pack('gated', 'opened by %{user.name:nonsense}'));
  await hangUp('failed');
  await penstock.untilOutput(/there is no kind nonsense of capture/);
  await send(penstock.ports[0] as number, lines.join(''));
  await penstock.untilMetric('penstock_events_received_total', events + 2 * lines.length);
  await recognised('door', events / 4 + 2);
  assert.equal(await penstock.stop(), 0, penstock.output);
});

test('an event for which there was no buffer counts once', { timeout: 300_000 }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-counts-'));
  const indicators = join(directory, 'indicators.csv');
  writeFileSync(indicators, 'ip\n203.0.113.7\n');
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp'],
    deliver: 'null:?journal=true',
    env: { PENSTOCK_WORKERS: '1', PENSTOCK_BATCH_BYTES_MAX: '8KiB', PENSTOCK_INDICATORS: indicators },
  });
  t.after(async () => {
    await penstock.dispose();
    rmSync(directory, { recursive: true, force: true });
  });
  const events = 40_000;
  await send(penstock.ports[0] as number, `${lines[0]}${lines[3]}`.repeat(events / 2));
  await penstock.untilMetric('penstock_events_received_total', events);
  await penstock.expectMetric('penstock_events_recognised_total', events / 2, { pack: 'sshd' });
  assert.equal(await penstock.metric('penstock_events_unrecognised_total'), events / 2);
  assert.equal(await penstock.metric('penstock_indicator_matches_total'), events / 2);
  assert.equal(await penstock.stop(), 0, penstock.output);
});

test('a listener of one format, and one of none', { timeout: 900_000 }, async (t) => {
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver: 'null:?journal=true' });
  t.after(() => penstock.dispose());
  await penstock.stop();
  const [port] = penstock.ports as [number];
  for (const [format, sshd] of [
    ['none', 0],
    ['sshd', 1],
  ] as const) {
    const pinned = await PenstockProcess.start({
      listen: ['syslog+tcp'],
      deliver: 'null:?journal=true',
      env: { PENSTOCK_LISTEN: `syslog+tcp://127.0.0.1:${port}?format=${format}` },
    });
    t.after(() => pinned.dispose());
    await send(port, '<38>Nov 21 10:00:00 host1 renamed[1]: Failed password for root from 203.0.113.7 port 22 ssh2\n');
    await pinned.untilMetric('penstock_events_received_total', 1);
    await pinned.expectMetric('penstock_events_recognised_total', sshd, { pack: 'sshd' });
    assert.equal(await pinned.stop(), 0, pinned.output);
  }
});
