/** Datagrams: the highest rate at which none is lost, what one costs there, and that every lost one is counted. */
import { setTimeout as delay } from 'node:timers/promises';
import { type EndToEnd, withEngine } from './e2e.js';
import { inputFile } from './inputs/inputs.js';
import { datagrams, datagramsDelivered } from './lib/drained.js';
import { type Engine, send } from './lib/engine.js';
import { alternate, type Figures, fromPairs, type Pair, single } from './lib/figures.js';
import { cpuSeconds } from './lib/process.js';
import { highestRate } from './lib/search.js';
import { ZstdAlone } from './limits.js';

export interface UdpExtent {
  readonly pairs: number;
  /** Of load in each trial and measurement. */
  readonly seconds: number;
  /** How close the search comes (factor). */
  readonly within: number;
  readonly folder: string;
}

export interface UdpTest extends Pick<EndToEnd, 'deliver' | 'env'> {
  readonly key: string;
}

export const udpTests: readonly UdpTest[] = [
  { key: 'syslog_udp_zstd_null', deliver: 'null' },
  { key: 'syslog_udp_zstd_kafka_json', deliver: 'kafka', env: { PENSTOCK_ENCODING: 'json' } },
];

const connections = 4;
export const udpSearch = { from: 50_000, most: 3_200_000 } as const;
/** Below this part of the rate asked for, the generator is what limits. */
const rateKept = 0.93;
const lowerBy = 0.9;
/** More than the socket's buffer holds. */
const stallMs = 600;
const floodRate = 500_000;

/** Events per CPU-second at the highest rate without loss; that rate in the details. */
export async function benchUdp(test: UdpTest, extent: UdpExtent): Promise<Figures> {
  return withEngine({ scheme: 'syslog+udp', ...test }, async (engine) => {
    const load = new UdpLoad(engine, extent);
    let generatorLimits = false;
    let achieved = Number.POSITIVE_INFINITY;
    let rate = await highestRate({ ...udpSearch, within: extent.within }, async (asked) => {
      // Twice: what else the machine does for a moment says nothing about the rate.
      for (let attempt = 0; attempt < 2; attempt++) {
        const { lost, kept } = await load.run(asked);
        if (lost === 0 && kept) return true;
        generatorLimits = !kept;
      }
      return false;
    });
    if (rate === 0) throw new Error(`datagrams are lost at ${udpSearch.from}/s already`);
    const zstd = new ZstdAlone('syslog');
    for (;;) {
      let lost = 0;
      achieved = Number.POSITIVE_INFINITY;
      const pairs: Pair[] = await alternate(
        extent.pairs,
        async () => {
          const run = await load.run(rate);
          lost += run.lost;
          achieved = Math.min(achieved, run.perSecond);
          return run.eventsPerCpuSecond;
        },
        () => zstd.measure(150),
      );
      // What one trial bore, many may not: lower until all of them do.
      if (lost === 0 || rate * lowerBy < udpSearch.from) {
        const limited_by = generatorLimits ? 'generator' : 'loss';
        const details = { datagrams_per_second: Math.round(achieved), lost, limited_by };
        return { [test.key]: fromPairs(pairs, 'events/CPU-s', 'zstd 1 alone', details) };
      }
      rate = Math.round((rate * lowerBy) / 1000) * 1000;
    }
  });
}

/**
 * 100,000 datagrams a second; and an engine that cannot keep up (it is stopped for a while under load, as by a machine that stalls):
 * sent = received + drops that the kernel counted.
 */
export async function benchUdpLoss(extent: UdpExtent): Promise<Figures> {
  return withEngine({ scheme: 'syslog+udp', deliver: 'null' }, async (engine) => {
    const load = new UdpLoad(engine, extent);
    await load.run(udpSearch.from);
    const steady = await load.run(100_000);
    const stalled = await load.run(0, async () => {
      await delay(100);
      engine.child.process.kill('SIGSTOP');
      await delay(stallMs);
      engine.child.process.kill('SIGCONT');
    });
    const counts = ({ sent, received, drops }: typeof steady) => ({ sent, received, kernel_drops: drops });
    return {
      udp_100k_loss: single(steady.lost, 'events', counts(steady)),
      udp_100k_throughput: single(steady.eventsPerCpuSecond, 'events/CPU-s'),
      udp_overload_uncounted: single(stalled.lost - stalled.drops, 'events', {
        ...counts(stalled),
        stalled_ms: stallMs,
      }),
    };
  });
}

class UdpLoad {
  #sent = 0;
  #before = { received: 0, drops: 0 };

  constructor(
    readonly engine: Engine,
    readonly extent: Pick<UdpExtent, 'seconds' | 'folder'>,
  ) {}

  /** `rate` 0: as fast as the generator can. `meanwhile` runs beside the load. */
  async run(rate: number, meanwhile?: () => Promise<void>) {
    const { engine, extent } = this;
    const cpu = cpuSeconds(engine.child.pid);
    const count = Math.round((rate || floodRate) * extent.seconds);
    const load = { file: inputFile('syslog', extent.folder), connections, rate, count };
    const [result] = await Promise.all([send(`syslog+udp://${engine.address}`, load), meanwhile?.()]);
    this.#sent += result.sent;
    const now = datagrams(await datagramsDelivered(engine, this.#sent));
    const received = now.received - this.#before.received;
    const drops = now.drops - this.#before.drops;
    this.#sent = now.received + now.drops; // from here on: what is not explained was reported once
    this.#before = now;
    return {
      sent: result.sent,
      received,
      drops,
      lost: result.sent - received,
      perSecond: result.sent / result.seconds,
      kept: result.sent / result.seconds >= rate * rateKept,
      eventsPerCpuSecond: received / (cpuSeconds(engine.child.pid) - cpu),
    };
  }
}
