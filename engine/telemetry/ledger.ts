/**
 * The identity every event is held to, for each sink: left by earlier runs + received in this one = delivered + dead-lettered +
 * in flight + waiting in the journal. Each term is a counter of its own; ledger-watch.ts holds them against each other.
 */
import type { EngineReadings } from '../readings.js';

export interface SinkLedger {
  readonly sink: string;
  /** In the journal for this sink when the engine started. */
  readonly opening: number;
  /** Events of this run committed before the sink was added: those it had yet to get are in the opening. */
  readonly committedBefore: number;
  readonly delivered: number;
  readonly deadLettered: number;
  /** Given up because the journal was full or they were too old. */
  readonly dropped: number;
  readonly inFlight: number;
  /** Committed and not yet taken for this sink, the opening included. */
  readonly inJournal: number;
}

/** What is known to be lost: before it could be an event, or as the operator wants it when the journal is full. */
export interface Dropped {
  /** Scheme of the listener's URL. */
  readonly source: string;
  readonly reason: string;
  readonly events: number;
}

export interface Ledger {
  /** Frames taken from the rings, in committed groups. */
  readonly received: number;
  /** By scheme of the listener's URL. */
  readonly bySource: ReadonlyMap<string, number>;
  /** Records in committed batches. */
  readonly committed: number;
  readonly dropped: readonly Dropped[];
  readonly sinks: readonly SinkLedger[];
  /** Events that the last check could not account for; 0, or something is wrong. */
  readonly unaccounted: number;
}

const dropReasons: Readonly<Record<string, string>> = {
  kernel_drops_total: 'kernel_buffer_full',
  'dropped_datagrams_total.rate': 'sender_rate',
  lost_datagrams_total: 'process_ended',
};

/** As the operator's rules want it. */
const ruleReasons: Readonly<Record<string, string>> = {
  rule_drop: 'events_dropped_by_rule',
  rule_sample: 'events_sampled_out',
};

export function ledger(readings: EngineReadings): Ledger {
  const committed = readings.pipeline.totals.events_committed ?? 0;
  const bySource = new Map<string, number>();
  const dropped = new Map<string, Dropped>();
  for (const { spec, events, figures } of [...readings.listeners, ...readings.formerListeners]) {
    bySource.set(spec.scheme, (bySource.get(spec.scheme) ?? 0) + events);
    for (const [figure, reason] of Object.entries(dropReasons)) {
      const key = `${spec.scheme} ${reason}`;
      const before = dropped.get(key)?.events ?? 0;
      dropped.set(key, { source: spec.scheme, reason, events: before + (figures[figure] ?? 0) });
    }
  }
  // The journal does not tell sources apart.
  const full = readings.pipeline.totals.events_dropped ?? 0;
  dropped.set('journal', { source: 'all', reason: 'journal_full', events: full });
  for (const [reason, figure] of Object.entries(ruleReasons))
    dropped.set(reason, { source: 'all', reason, events: readings.pipeline.totals[figure] ?? 0 });
  return {
    received: readings.pipeline.totals.events ?? 0,
    bySource,
    committed,
    dropped: [...dropped.values()],
    sinks: readings.sinks.map(({ spec, figures }) => {
      const opening = readings.ledger.sinks.get(spec.id)?.opening ?? 0;
      return sinkLedger(spec.id, figures, committed, opening);
    }),
    unaccounted: readings.ledger.unaccounted,
  };
}

function sinkLedger(
  sink: string,
  figures: Readonly<Record<string, number>>,
  committed: number,
  opening: number,
): SinkLedger {
  const of = (name: string): number => figures[name] ?? 0;
  return {
    sink,
    opening,
    committedBefore: of('committed_before_events'),
    delivered: of('delivered_events_total'),
    deadLettered: of('dead_lettered_events_total'),
    dropped: of('dropped_events_total'),
    inFlight: of('in_flight_events'),
    inJournal: Math.max(0, opening + committed - of('committed_before_events') - of('taken_events_total')),
  };
}
