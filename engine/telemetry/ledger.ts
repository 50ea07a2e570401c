/**
 * The identity every event is held to: received = delivered + in the journal + in flight + dead-lettered + dropped, per sink.
 * Computed from counters kept on both sides of each boundary, so that a loss shows as a difference.
 */
import type { EngineReadings } from '../readings.js';

export interface SinkLedger {
  readonly sink: string;
  readonly delivered: number;
  readonly deadLettered: number;
  readonly inFlight: number;
  /** Committed by this process and not yet read for this sink. */
  readonly inJournal: number;
  /** What the terms do not explain; 0, or something is wrong. */
  readonly unaccounted: number;
}

export interface Ledger {
  /** Frames taken from the rings and committed. */
  readonly received: number;
  /** Records in committed batches. */
  readonly committed: number;
  readonly sinks: readonly SinkLedger[];
  readonly unaccounted: number;
}

export function ledger(readings: EngineReadings): Ledger {
  const received = readings.pipeline.totals.events ?? 0;
  const committed = readings.pipeline.totals.events_committed ?? 0;
  const sinks = readings.sinks.map(({ spec, figures }) => sinkLedger(spec.id, figures, committed));
  const unaccounted = Math.abs(received - committed) + sinks.reduce((sum, sink) => sum + sink.unaccounted, 0);
  return { received, committed, sinks, unaccounted };
}

function sinkLedger(sink: string, figures: Readonly<Record<string, number>>, committed: number): SinkLedger {
  const delivered = figures.delivered_events_total ?? 0;
  const deadLettered = figures.dead_lettered_events_total ?? 0;
  const inFlight = figures.in_flight_events ?? 0;
  const taken = figures.taken_events_total ?? 0;
  const takenOfThisRun = taken - (figures.backlog_events_total ?? 0);
  const inJournal = committed - takenOfThisRun;
  // Read from the journal but never committed, or taken and in none of the three places it can be.
  const unaccounted = Math.max(0, -inJournal) + Math.abs(taken - delivered - deadLettered - inFlight);
  return { sink, delivered, deadLettered, inFlight, inJournal: Math.max(0, inJournal), unaccounted };
}
