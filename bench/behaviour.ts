/** What is not throughput: latency, idle CPU, memory. */
import { setTimeout as delay } from 'node:timers/promises';
import { withEngine } from './e2e.js';
import { inputFile } from './inputs/inputs.js';
import { delivered } from './lib/drained.js';
import { send } from './lib/engine.js';
import { type Figures, single } from './lib/figures.js';
import { quantile } from './lib/metrics.js';
import { cpuSeconds, memoryOf } from './lib/process.js';

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

/**
 * After a start V8 still compiles, and until about 35 s it gives memory back in a few collections of the whole heap, each some
 * 40 ms: `settledAfter` seconds (since it was ready) are not counted as idling.
 */
export async function benchIdle(settledAfter: number, seconds: number): Promise<Figures> {
  // As `npm start` listens, on ports of its own.
  const env = {
    PENSTOCK_LISTEN: ['syslog+udp', 'syslog+tcp', 'http'].map((scheme) => `${scheme}://127.0.0.1:0`).join(),
  };
  return withEngine({ scheme: 'syslog+tcp', deliver: 'store', env }, async (engine) => {
    await delay(settledAfter * 1_000);
    const cpu = cpuSeconds(engine.child.pid);
    await delay(seconds * 1_000);
    const used = cpuSeconds(engine.child.pid) - cpu;
    return { idle_cpu_percent: single(Math.round((used / seconds) * 1e4) / 100, '%', { seconds }) };
  });
}

/** Peak resident memory under load, with one worker and with several: what a worker takes. */
export async function benchMemory(events: number, folder: string): Promise<Figures> {
  const more = 4;
  const peak = (workers: number) =>
    withEngine(
      { scheme: 'syslog+tcp', deliver: 'journal', env: { PENSTOCK_WORKERS: String(workers) } },
      async (engine) => {
        const load = { file: inputFile('syslog', folder), connections: 4 * workers, count: events };
        await delivered(engine, (await send(`syslog+tcp://${engine.address}`, load)).sent);
        return memoryOf(engine.child.pid).peakBytes;
      },
    );
  const one = await peak(1);
  const several = await peak(more);
  return {
    rss_one_worker_bytes: single(one, 'bytes'),
    rss_per_worker_bytes: single(Math.max(0, several - one) / (more - 1), 'bytes', { workers: more, bytes: several }),
  };
}
