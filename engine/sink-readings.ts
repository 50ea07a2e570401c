import type { Breaker, Sink } from './contracts.js';
import { deliveryFigures } from './deliver/figures.js';
import type { SinkReading } from './readings.js';
import { sinkTypeOf } from './sinks.js';

/** What is known of a sink besides what it says itself. */
export interface SinkCounts {
  /** Of its delivery; null: it takes events without a journal. */
  readonly delivery: Readonly<Record<string, number>> | null;
  /** Of this run: without a journal what is committed is delivered. */
  readonly committedEvents: number;
  /** Dead letters sent on; null: none are. */
  readonly forwardedEvents: number | null;
}

export function sinkReadings(
  sink: Sink,
  { state, opened }: Breaker & Pick<SinkReading['breaker'], 'state' | 'opened'>,
  { delivery, committedEvents, forwardedEvents }: SinkCounts,
): SinkReading {
  const { ready, detail } = sink.health();
  const counted = delivery ?? { delivered_events_total: committedEvents, taken_events_total: committedEvents };
  const forwarded = forwardedEvents === null ? {} : { forwarded_dead_letter_events_total: forwardedEvents };
  return {
    spec: sink.spec,
    ready: ready && state === 'closed',
    detail,
    breaker: { state, opened },
    figures: { ...counted, ...forwarded, ...sink.figures() },
    figureTexts: { ...sinkTypeOf(sink.spec).figures, ...deliveryFigures },
  };
}
