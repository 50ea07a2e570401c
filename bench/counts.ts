/** Counts, which carry little noise, per thousand events under full load: system calls, allocations, collections, context switches. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../native/load.js';
import { type EndToEnd, withEngine } from './e2e.js';
import { inputFile } from './inputs/inputs.js';
import { CollectorLog, collectorFlags, fineCollectorFlags, nativeCounter } from './lib/allocations.js';
import { datagramsDelivered, delivered, settle } from './lib/drained.js';
import { type Engine, send } from './lib/engine.js';
import { type Figures, single, Unavailable } from './lib/figures.js';
import { cpuSeconds, start, switchesOf } from './lib/process.js';

export interface CountExtent {
  /** Of load for each count. */
  readonly events: number;
  /** Also with the journal and Kafka behind. */
  readonly kafka: boolean;
  readonly folder: string;
}

type Target = Pick<EndToEnd, 'scheme' | 'deliver'>;

function streams({ kafka }: CountExtent): Target[] {
  const deliver = kafka ? (['null', 'kafka'] as const) : (['null'] as const);
  return deliver.map((to) => ({ scheme: 'syslog+tcp', deliver: to }));
}

/** Tracing slows everything down; datagrams must not be lost by it. */
const tracedDatagramsPerSecond = 50_000;

/** Warms the engine up, counts with `read` before and after a load; the difference and the events. */
async function counted<T>(
  engine: Engine,
  { scheme }: Target,
  { events, folder }: CountExtent,
  read: () => T | Promise<T>,
): Promise<{ before: T; after: T; events: number }> {
  const datagrams = scheme === 'syslog+udp';
  const load = {
    file: inputFile('syslog', folder),
    connections: 4,
    ...(datagrams && { rate: tracedDatagramsPerSecond }),
  };
  const to = `${scheme}://${engine.address}`;
  let sent = 0;
  const run = async (count: number) => {
    sent += (await send(to, { ...load, count })).sent;
    return datagrams ? datagramsDelivered(engine, sent) : delivered(engine, sent);
  };
  const received = (await run(events / 4)).sum('penstock_events_received_total');
  await settle();
  const before = await read();
  const now = (await run(datagrams ? tracedDatagramsPerSecond : events)).sum('penstock_events_received_total');
  return { before, after: await read(), events: now - received };
}

const perThousand = (count: number, events: number) => (count / events) * 1000;
const named = (what: string, { scheme, deliver }: Target) => `${what}_${scheme.replace('+', '_')}_${deliver}`;

/** System calls of all threads, by strace. @throws Unavailable where there is none */
export async function countSystemCalls(extent: CountExtent): Promise<Figures> {
  const figures: Figures = {};
  for (const target of [...streams(extent), { scheme: 'syslog+udp', deliver: 'null' } as const]) {
    await withEngine(target, async (engine) => {
      const report = join(engine.dataDir, 'strace.txt');
      const begin = async () => {
        const strace = start('strace', ['-c', '-f', '-p', String(engine.child.pid), '-o', report]);
        await delay(300);
        if (strace.pid < 0 || strace.process.exitCode !== null)
          throw new Unavailable(`strace: ${strace.output().trim()}`);
        return strace;
      };
      let strace: Awaited<ReturnType<typeof begin>> | undefined;
      const { events } = await counted(engine, target, extent, async () => {
        strace ??= await begin();
      });
      strace?.process.kill('SIGINT');
      await strace?.exited;
      const total = /^\s*100\.00\s+\S+\s+(?:\S+\s+)?(\d+)\s+(?:\d+\s+)?total$/m.exec(readFileSync(report, 'utf8'));
      const calls = Number(total?.[1]);
      figures[named('system_calls', target)] = single(perThousand(calls, events), 'calls/1000 events', {
        calls,
        events,
      });
    });
  }
  return figures;
}

/** Calls of malloc and its like in all threads, C++, Rust, V8 and libuv together. */
export async function countAllocations(extent: CountExtent): Promise<Figures> {
  const figures: Figures = {};
  for (const target of streams(extent)) {
    const counter = nativeCounter(extent.folder);
    await withEngine({ ...target, env: counter.env }, async (engine) => {
      const { before, after, events } = await counted(engine, target, extent, counter.read);
      const calls = after.calls - before.calls;
      figures[named('allocations', target)] = single(perThousand(calls, events), 'calls/1000 events', {
        calls,
        events,
        bytes_per_event: (after.bytes - before.bytes) / events,
      });
    });
  }
  return figures;
}

/** V8: bytes allocated per event, and the share of the process's CPU time that collecting them takes. */
export async function countCollections(extent: CountExtent): Promise<Figures> {
  const figures: Figures = {};
  const command = (flags: readonly string[]) => [...flags, join(projectRoot, 'dist/engine/main.js'), 'run'];
  for (const target of streams(extent)) {
    for (const [what, flags] of [
      ['js_heap', fineCollectorFlags],
      ['gc', collectorFlags],
    ] as const) {
      const log = new CollectorLog();
      const options = { command: command(flags), onOutput: (text: string) => log.add(text) };
      await withEngine(
        target,
        async (engine) => {
          const { before, after, events } = await counted(engine, target, extent, () => {
            const { collections, pauseMs, allocatedBytes } = log;
            return {
              collections,
              pauseMs,
              allocatedBytes,
              cpu: cpuSeconds(engine.child.pid),
              ...switchesOf(engine.child.pid),
            };
          });
          const grown = (name: keyof typeof after) => after[name] - before[name];
          const collections = grown('collections');
          if (what === 'js_heap') {
            const bytes = grown('allocatedBytes');
            figures[named(what, target)] = single(bytes / events, 'bytes/event', { bytes, events, collections });
            return;
          }
          const share = (grown('pauseMs') / 1000 / grown('cpu')) * 100;
          const [voluntary, involuntary] = [grown('voluntary'), grown('involuntary')];
          figures[named('gc_share', target)] = single(share, '% of CPU', { collections, pause_ms: grown('pauseMs') });
          figures[named('context_switches', target)] = single(
            perThousand(voluntary + involuntary, events),
            'switches/1000 events',
            { voluntary, involuntary, events },
          );
        },
        options,
      );
    }
  }
  return figures;
}

/** Instructions in user space per event. @throws Unavailable where the machine has no hardware counters */
export async function countInstructions(extent: CountExtent): Promise<Figures> {
  const figures: Figures = {};
  for (const target of streams(extent)) {
    await withEngine(target, async (engine) => {
      const report = join(engine.dataDir, 'perf.txt');
      const args = ['stat', '-x', ',', '-e', 'instructions:u', '-o', report, '-p', String(engine.child.pid)];
      let perf: ReturnType<typeof start> | undefined;
      const { events } = await counted(engine, target, extent, async () => {
        perf ??= start('perf', args);
        await delay(300);
      });
      perf?.process.kill('SIGINT');
      if ((perf?.pid ?? -1) < 0) throw new Unavailable('there is no perf');
      await perf?.exited;
      const said = /^([^,#\n]*),[^,]*,instructions/m.exec(readFileSync(report, 'utf8'))?.[1] ?? 'nothing';
      if (!/^\d+$/.test(said)) throw new Unavailable(`the machine has no hardware counters (perf says ${said})`);
      figures[named('instructions', target)] = single(Number(said) / events, 'instructions/event', { events });
    });
  }
  return figures;
}
