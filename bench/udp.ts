/** Datagrams: the highest rate at which none is lost, what one costs there, and that every lost one is counted. */
import { setTimeout as delay } from 'node:timers/promises';
import { type EndToEnd, sizes, withEngine } from './e2e.js';
import { inputFile } from './inputs/inputs.js';
import { datagrams, datagramsDelivered } from './lib/drained.js';
import { type Engine, send } from './lib/engine.js';
import { type Figures, single } from './lib/figures.js';
import { measureLossless } from './lib/lossless.js';
import { cpuSeconds } from './lib/process.js';
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
export const udpSearch = { from: 20_000, most: 2_560_000 } as const;
/** More than the socket's buffer holds. */
const stallMs = 600;
const floodRate = 500_000;

/** Events per CPU-second at the highest rate without loss, that rate in the details. */
export async function benchUdp(test: UdpTest, extent: UdpExtent): Promise<Figures> {
  return withEngine({ scheme: 'syslog+udp', ...test }, async (engine) => {
    const load = new UdpLoad(engine, extent);
    const zstd = new ZstdAlone('syslog');
    const reference = { name: 'zstd 1 alone', measure: () => zstd.measure(150) };
    const before = await engine.metrics();
    const figure = await measureLossless({ ...udpSearch, ...extent }, (rate) => load.run(rate), reference);
    const details = { ...sizes(before, await engine.metrics()), ...figure.details };
    return { [test.key]: { ...figure, details } };
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
      eventsPerCpuSecond: received / (cpuSeconds(engine.child.pid) - cpu),
    };
  }
}
