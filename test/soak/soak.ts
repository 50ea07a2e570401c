/** A long run under load, with senders that come and go: what must stay constant does, and every event sent is accounted for. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runAudit } from '../support/audit.js';
import { type PenstockProcess, sumMetric } from '../support/penstock-process.js';
import { Random } from '../support/random.js';
import { until } from '../support/until.js';
import { HttpSenders } from './http-senders.js';
import { type Limits, mebibytes, type Sample, takeSample, unsteady } from './samples.js';
import { TcpSenders } from './tcp-senders.js';
import { UdpSenders } from './udp-senders.js';

export interface SoakSettings {
  readonly penstock: PenstockProcess;
  readonly deliver: string;
  readonly ports: { readonly tcp: number; readonly udp: number; readonly http: number };
  readonly senders: number;
  readonly eventsPerSecond: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly sampleSeconds: number;
  /** Memory may differ from its middle by this part; open files and series of metrics by so many. */
  readonly limits: Limits;
  readonly say: (line: string) => void;
}

const tickMs = 20;
/** Parts of senders and events; the rest is TCP. */
const udp = { senders: 0.25, events: 0.05 };
const http = { senders: 0.05, events: 0.1 };

/** Sentences about what went wrong; none: nothing did. The engine is stopped when it resolves. */
export async function soak(settings: SoakSettings): Promise<string[]> {
  const { penstock, ports, senders, say } = settings;
  await settled(penstock);
  const already = await penstock.metrics();
  const random = new Random(7);
  const fleet = {
    tcp: new TcpSenders(ports.tcp, Math.round(senders * (1 - udp.senders - http.senders)), 20, random),
    udp: new UdpSenders(ports.udp, Math.round(senders * udp.senders), random),
    http: new HttpSenders(ports.http, Math.round(senders * http.senders), random),
  };
  const steady = await drive(settings, fleet);
  for (const one of Object.values(fleet)) await one.stop();
  const sent = fleet.tcp.events + fleet.udp.events + fleet.http.events;
  const came = fleet.tcp.came + fleet.udp.came + fleet.http.came;
  say(
    `${came} senders came; ${sent} events sent: ${fleet.tcp.events} TCP, ${fleet.udp.events} UDP, ${fleet.http.events} HTTP`,
  );
  // What a sender gave to the system may take its time to be an event; what is not counted then is not counted.
  const compared = async () => uncounted(already, await penstock.metrics(), fleet);
  await until('all that was sent is counted', async () => (await compared()).length === 0).catch(() => {});
  await settled(penstock);
  const found = [
    ...unsteady(steady, settings.limits),
    ...(await compared()),
    ...(fleet.http.failures > 0 ? [`${fleet.http.failures} HTTP requests failed`] : []),
    ...(fleet.tcp.failures > 0 ? [`${fleet.tcp.failures} TCP connections failed`] : []),
  ];
  const code = await penstock.stop();
  if (code !== 0) found.push(`it ended with ${code}`);
  const { report } = runAudit(join(penstock.directory, 'data'), settings.deliver);
  if (report.verdict !== 'consistent') found.push(`penstock audit: ${JSON.stringify(report)}`);
  return found;
}

type Fleet = { readonly tcp: TcpSenders; readonly udp: UdpSenders; readonly http: HttpSenders };

/** Sends at the rate until the time is over; answers the samples after the warm-up. */
async function drive(settings: SoakSettings, fleet: Fleet): Promise<Sample[]> {
  const { penstock, eventsPerSecond, say } = settings;
  const startedMs = Date.now();
  const samples: Sample[] = [];
  let sampledMs = startedMs;
  let due = 0;
  for (let lastMs = startedMs; lastMs - startedMs < settings.seconds * 1000; ) {
    await delay(tickMs);
    const nowMs = Date.now();
    // What could not be sent for long is not made up for: the rate is a ceiling.
    due = Math.min(due + (eventsPerSecond * (nowMs - lastMs)) / 1000, eventsPerSecond / 5);
    lastMs = nowMs;
    const before = fleet.tcp.events;
    fleet.udp.send(Math.round(due * udp.events));
    fleet.http.send(due * http.events);
    fleet.tcp.send(due * (1 - udp.events - http.events));
    due -= (fleet.tcp.events - before) / (1 - udp.events - http.events);
    if (nowMs - sampledMs < settings.sampleSeconds * 1000) continue;
    sampledMs = nowMs;
    const sample = await takeSample(penstock, startedMs);
    if (sample.seconds > settings.warmUpSeconds) samples.push(sample);
    const { seconds, memoryBytes, heapBytes, externalBytes, files, series, connections, delivered, unaccounted } =
      sample;
    say(
      `${seconds.toFixed(0)} s: ${mebibytes(memoryBytes)} MiB (heap ${mebibytes(heapBytes)}, buffers ${mebibytes(externalBytes)}), ${files} files, ${series} series, ${connections} connections, ` +
        `${delivered} delivered, ${unaccounted} unaccounted for`,
    );
  }
  return samples;
}

/** Waits until nothing moves any more. */
async function settled(penstock: PenstockProcess): Promise<void> {
  for (let [last, same] = [-1, 0]; same < 5; ) {
    await delay(300);
    const delivered = await penstock.metric('penstock_events_delivered_total');
    same = delivered === last ? same + 1 : 0;
    last = delivered;
  }
}

/** Sent against received, as the senders counted and as the engine did. */
function uncounted(already: string, metrics: string, fleet: Fleet): string[] {
  const since = (name: string, labels: Record<string, string>) =>
    sumMetric(metrics, name, labels) - sumMetric(already, name, labels);
  const received = (source: string) => since('penstock_ledger_received_events_total', { source });
  const dropped = since('penstock_ledger_dropped_events_total', { source: 'syslog+udp' });
  const found: string[] = [];
  const compare = (source: string, sent: number, lost = 0): void => {
    if (sent !== received(source) + lost)
      found.push(`${source}: ${sent} events sent, ${received(source)} received, ${lost} known to be dropped`);
  };
  compare('syslog+tcp', fleet.tcp.events);
  compare('syslog+udp', fleet.udp.events, dropped);
  compare('http', fleet.http.events);
  return found;
}
