/** When all of a load has gone through: CPU time read before that would leave out work, after it would count idling. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from './engine.js';
import type { Metrics } from './metrics.js';
import { until } from './process.js';

const drainTimeoutMs = 180_000;
/** A scrape costs the engine about a millisecond: often enough to see the end, seldom enough not to be seen. */
const everyMs = 25;
/** Datagrams still in a socket's buffer are read within this. */
const quietMs = 100;

/** Streams: until `sent` events of this engine's life are delivered. Answers the metrics then. */
export async function delivered(engine: Engine, sent: number, timeoutMs = drainTimeoutMs): Promise<Metrics> {
  let metrics = await engine.metrics();
  const all = async () => {
    metrics = await engine.metrics();
    return metrics.sum('penstock_events_delivered_total') >= sent;
  };
  await until(`${sent} events are delivered`, all, timeoutMs, engine.child, everyMs);
  return metrics;
}

/** Datagrams: until what was sent is delivered or counted as dropped by the kernel, or nothing more comes. */
export async function datagramsDelivered(engine: Engine, sent: number): Promise<Metrics> {
  let metrics = await engine.metrics();
  let arrived = -1;
  let since = performance.now();
  const all = async () => {
    metrics = await engine.metrics();
    const { received, drops } = datagrams(metrics);
    if (received + drops !== arrived) since = performance.now();
    arrived = received + drops;
    const quiet = arrived >= sent || performance.now() - since > 5 * quietMs;
    return quiet && metrics.sum('penstock_events_delivered_total') === received;
  };
  await until(`${sent} datagrams are delivered or counted`, all, drainTimeoutMs, engine.child, everyMs);
  return metrics;
}

export function datagrams(metrics: Metrics): { received: number; drops: number } {
  return {
    received: metrics.sum('penstock_events_received_total'),
    drops: metrics.sum('penstock_listener_kernel_drops_total'),
  };
}

/** Any stage: until `bytes` of this engine's life were read and the rings are empty. */
export async function ringsEmpty(engine: Engine, bytes: number): Promise<void> {
  const all = async () => {
    const metrics = await engine.metrics();
    return (
      metrics.sum('penstock_listener_received_bytes_total') >= bytes && metrics.sum('penstock_ring_depth_bytes') === 0
    );
  };
  await until(`${bytes} bytes went through`, all, drainTimeoutMs, engine.child, everyMs);
}

/** Lets what a burst leaves behind (timers, lingering batches) pass. */
export function settle(): Promise<void> {
  return delay(quietMs);
}
