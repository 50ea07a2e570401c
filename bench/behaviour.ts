/** What is not throughput: latency, idle CPU, UDP loss, and counts without noise (system calls). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withEngine } from './e2e.js';
import { inputFile } from './inputs/inputs.js';
import { datagramsDelivered, delivered } from './lib/drained.js';
import { send } from './lib/engine.js';
import { type Figures, single } from './lib/figures.js';
import { quantile } from './lib/metrics.js';
import { cpuSeconds, start } from './lib/process.js';

/** From send (the event's own time) to durable, at 5,000 events a second. */
export async function benchLatency(deliver: 'kafka' | 'store', seconds: number): Promise<Figures> {
  return withEngine({ scheme: 'syslog+tcp', deliver }, async (engine) => {
    const to = `syslog+tcp://${engine.address}`;
    const warm = await send(to, { rate: 5_000, seconds: 1 });
    const before = await delivered(engine, warm.sent);
    const { sent } = await send(to, { rate: 5_000, seconds });
    const after = await delivered(engine, warm.sent + sent);
    const ms = (q: number) => Math.round(quantile(before, after, 'penstock_event_latency_seconds', q) * 1e5) / 100;
    return {
      [`latency_${deliver}_p50`]: single(ms(0.5), 'ms', { events: sent }),
      [`latency_${deliver}_p99`]: single(ms(0.99), 'ms', { events: sent }),
      [`latency_${deliver}_p999`]: single(ms(0.999), 'ms', { events: sent }),
    };
  });
}

export async function benchIdle(seconds: number): Promise<Figures> {
  return withEngine({ scheme: 'syslog+tcp', deliver: 'store' }, async (engine) => {
    await delay(1_000);
    const cpu = cpuSeconds(engine.child.pid);
    await delay(seconds * 1_000);
    const used = cpuSeconds(engine.child.pid) - cpu;
    return { idle_cpu_percent: single(Math.round((used / seconds) * 1e4) / 100, '%', { seconds }) };
  });
}

/** System calls of all threads per thousand events under full load, by strace; nothing where there is no strace. */
export async function countSystemCalls(folder: string): Promise<Figures> {
  const figures: Figures = {};
  for (const scheme of ['syslog+tcp', 'syslog+udp'] as const) {
    const arrived = scheme === 'syslog+udp' ? datagramsDelivered : delivered;
    await withEngine({ scheme, deliver: 'null' }, async (engine) => {
      const to = `${scheme}://${engine.address}`;
      const load = { file: inputFile('syslog', folder), connections: 4, rate: scheme === 'syslog+udp' ? 50_000 : 0 };
      const warm = await send(to, { ...load, seconds: 1 });
      const before = await arrived(engine, warm.sent);
      const report = join(engine.dataDir, 'strace.txt');
      const strace = start('strace', ['-c', '-f', '-p', String(engine.child.pid), '-o', report]);
      await delay(300);
      if (strace.pid < 0 || strace.process.exitCode !== null) return;
      const { sent } = await send(to, { ...load, count: scheme === 'syslog+udp' ? 50_000 : 1_000_000 });
      const after = await arrived(engine, warm.sent + sent);
      strace.process.kill('SIGINT');
      await strace.exited;
      const calls = Number(
        /^\s*100\.00\s+\S+\s+(?:\S+\s+)?(\d+)\s+(?:\d+\s+)?total$/m.exec(readFileSync(report, 'utf8'))?.[1],
      );
      const events = after.sum('penstock_events_received_total') - before.sum('penstock_events_received_total');
      if (calls > 0)
        figures[`system_calls_${scheme.replace('+', '_')}`] = single((calls / events) * 1000, 'calls/1000 events', {
          calls,
          events,
        });
    });
  }
  return figures;
}
