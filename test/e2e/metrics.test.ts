/** /metrics of the real process by the rules that Prometheus and its linter have; its series do not grow with what senders write. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { PenstockProcess } from '../support/penstock-process.js';
import { freePorts } from '../support/ports.js';

/** What the text breaks; none: nothing. */
function faults(text: string): string[] {
  const found: string[] = [];
  const types = new Map<string, string>();
  const series = new Set<string>();
  let family = '';
  for (const line of text.trimEnd().split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\w+) ?(.*)$/.exec(line) ?? [];
    if (keyword === 'HELP' && (rest === '' || rest.includes('docs/'))) found.push(`no text: ${line}`);
    if (keyword === 'TYPE') {
      family = name;
      if (types.has(name)) found.push(`twice: ${name}`);
      types.set(name, rest);
      if ((rest === 'counter') !== name.endsWith('_total')) found.push(`${rest}: ${name}`);
      if (/_(ms|milliseconds|kb|mb|percent|minutes|count|sum|bucket)$/.test(name)) found.push(`unit: ${name}`);
    }
    if (keyword !== undefined) continue;
    const [, sample = '', labels = '', value] = /^([a-z_]\w*)(\{.*\})? (\S+)$/.exec(line) ?? [];
    const isSet = types.get(family) === 'histogram' || types.get(family) === 'summary';
    if ((isSet ? sample.replace(/_(bucket|sum|count)$/, '') : sample) !== family)
      found.push(`not in its family: ${line}`);
    if (!Number.isFinite(Number(value))) found.push(`no number: ${line}`);
    if (series.has(sample + labels)) found.push(`twice: ${line}`);
    series.add(sample + labels);
  }
  return found;
}

const seriesOf = (text: string): number => text.split('\n').filter((line) => /^[a-z]/.test(line)).length;

test('metrics are well-formed, and hostile names make no series', async (t) => {
  const [deadPort] = await freePorts(1);
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp', 'syslog+udp', 'http', 'ndjson+tcp'],
    deliver: `store:./store,kafka://127.0.0.1:${deadPort}/events,kafka://127.0.0.1:${deadPort}/more?transactions=true,null:`,
  });
  t.after(() => penstock.dispose());
  const send = async (from: number, count: number): Promise<void> => {
    const socket = connect(penstock.ports[0] as number, '127.0.0.1');
    for (let i = from; i < from + count; i++)
      socket.write(`<34>1 2024-05-01T00:00:00Z host${i}"\\ app${i} ${i} id${i} [s${i}@1 k${i}="v"] message ${i}\n`);
    socket.end();
    socket.resume();
    await once(socket, 'close');
    await penstock.untilMetric('penstock_sink_delivered_events_total', from + count, { labels: { sink: 'null' } });
  };
  await send(0, 100);
  const before = await penstock.metrics();
  assert.deepEqual(faults(before), []);
  await send(100, 5000);
  const after = await penstock.metrics();
  assert.deepEqual(faults(after), []);
  assert.equal(seriesOf(after), seriesOf(before));
});
