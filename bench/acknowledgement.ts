/** How long a sender over HTTP waits for its acknowledgement while the engine is at 70 % of what it takes, every event on the disk. */
import { setTimeout as delay } from 'node:timers/promises';
import { withEngine } from './e2e.js';
import { makeInput } from './inputs/inputs.js';
import { type Figure, type Figures, median, single } from './lib/figures.js';
import { HttpSender } from './lib/http-sender.js';

const share = 0.7;
const bodyEvents = 200;
const bodies = 50;
const connections = 128;
const quantiles = { p50: 0.5, p99: 0.99, p999: 0.999 } as const;

export interface AckExtent {
  /** Each: what the engine takes, then 70 % of that. */
  readonly rounds: number;
  /** Of load at 70 %, in each round. */
  readonly seconds: number;
}

/** Figures `ack_http_fsync_p50`, `_p99`, `_p999`: from when a request was due to its answer, so that a stall counts for all it delays. */
export async function benchAcknowledgement({ rounds, seconds }: AckExtent): Promise<Figures> {
  const env = { PENSTOCK_DURABILITY: 'fsync', PENSTOCK_FSYNC_INTERVAL_MS: '10' };
  return withEngine({ scheme: 'http', deliver: 'journal', env }, async (engine) => {
    const sender = new HttpSender(`http://${engine.address}/ingest`, connections, requestBodies());
    await sender.asFastAsAnswered(1);
    const measured: { most: number; offered: number; times: number[] }[] = [];
    for (let round = 0; round < rounds; round++) {
      const most = await sender.asFastAsAnswered(1);
      await delay(200);
      const { times, perSecond } = await sender.atRate(most * share, seconds);
      measured.push({ most, offered: perSecond, times });
    }
    sender.close();
    const details = {
      requests: measured.reduce((sum, { times }) => sum + times.length, 0),
      events_per_request: bodyEvents,
      events_per_second: Math.round(median(measured.map(({ offered }) => offered)) * bodyEvents),
      most_events_per_second: Math.round(median(measured.map(({ most }) => most)) * bodyEvents),
    };
    const all = Object.entries(quantiles).map(([name, q]): [string, Figure] => {
      const values = measured.map(({ times }) => times[Math.floor(q * times.length)] ?? Number.NaN);
      const value = median(values);
      const spread = (Math.max(...values) - Math.min(...values)) / 2 / value;
      return [`ack_http_fsync_${name}`, { ...single(Math.round(value * 100) / 100, 'ms', details), spread }];
    });
    return Object.fromEntries(all);
  });
}

function requestBodies(): Buffer[] {
  const lines = makeInput('syslog').lines.toString('latin1').split('\n');
  const body = (i: number) => lines.slice(i * bodyEvents, (i + 1) * bodyEvents).join('\n');
  return Array.from({ length: bodies }, (_, i) => Buffer.from(body(i), 'latin1'));
}
