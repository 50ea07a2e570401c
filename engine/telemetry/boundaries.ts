import type { LedgerReadings } from '../readings.js';

/** Two counters of the same events, one on each side of a boundary, each kept by who stands there. */
export interface Boundary {
  readonly name: string;
  /** Counted by who handed over, and by who took. */
  readonly before: number;
  readonly after: number;
  /** True while what was handed over may rest between the two. */
  readonly mayRest: boolean;
}

/** The boundaries from the network to the journal, as the counters are now. */
export function boundaries(readings: LedgerReadings): Boundary[] {
  const { totals } = readings.pipeline;
  const mayRest = readings.rings.some((ring) => ring.depthBytes > 0);
  const handed = sum(readings, 'chunks_total');
  const list: Boundary[] = [
    {
      name: 'chunks: receivers → workers',
      before: handed,
      after: (totals.chunks ?? 0) + (totals.chunks_skipped ?? 0),
      mayRest,
    },
    {
      name: 'events: cut from chunks → in committed batches',
      before: totals.events ?? 0,
      after:
        (totals.events_committed ?? 0) +
        (totals.events_dropped ?? 0) +
        (totals.events_dropped_by_rule ?? 0) +
        (totals.events_sampled_out ?? 0),
      mayRest: false,
    },
    {
      name: 'events: of all → of each listener',
      before: totals.events ?? 0,
      after: readings.pipeline.listeners.reduce((events, listener) => events + listener.events, 0),
      mayRest: false,
    },
  ];
  for (const { spec, events: all, split, joined, figures } of readings.listeners) {
    // As many as were received: a document of many came as one, an event of several records as several.
    const events = all - split + joined;
    // Whoever is told that events are durable is told the truth; not everything is acknowledged.
    const acknowledged = figures.acknowledged_events_total ?? 0;
    if (acknowledged > 0)
      list.push({
        name: `events: of ${spec.url} (${spec.index}) → acknowledged`,
        before: events,
        after: acknowledged,
        mayRest: true,
      });
    const datagrams = figures.datagrams_total ?? 0;
    if (datagrams === 0) continue;
    const unused = (figures.empty_datagrams_total ?? 0) + (figures['dropped_datagrams_total.rate'] ?? 0);
    const before = datagrams - unused;
    list.push({ name: `datagrams: read → events of ${spec.url} (${spec.index})`, before, after: events, mayRest });
  }
  return list;
}

/**
 * How much of what had been handed over at the check before has not come through by now; or has come through without ever
 * having been handed over by now. Counters move while they are read: so only what one check saw is held against the next.
 */
export function difference(earlier: Boundary, now: Boundary): number {
  const missing = earlier.mayRest || now.mayRest ? 0 : Math.max(0, earlier.before - now.after);
  const surplus = Math.max(0, earlier.after - now.before);
  return missing + surplus;
}

function sum(readings: LedgerReadings, figure: string): number {
  return [...readings.listeners, ...readings.formerListeners].reduce(
    (total, { figures }) => total + (figures[figure] ?? 0),
    0,
  );
}
