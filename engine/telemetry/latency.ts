import type { DeliveryObserver } from '../readings.js';
import { exponentialBounds, Histogram } from './prometheus.js';

/** From half a millisecond to a minute, a fifth apart: quantiles are read to within a tenth. */
const boundsSeconds = exponentialBounds(0.0005, 1.2, 60);

/**
 * How long events take, per sink: from their own timestamp, and from their arrival, to the acknowledgement. A batch tells the
 * times of up to 16 of its events;.
 */
export class LatencyHistograms implements DeliveryObserver {
  readonly #event = new Map<string, Histogram>();
  readonly #delivery = new Map<string, Histogram>();

  delivered(sinkId: string, batch: Parameters<DeliveryObserver['delivered']>[1], ackMs: number): void {
    const event = of(this.#event, sinkId);
    const times = batch.eventTimesMs();
    for (const time of times) event.observe(Math.max(0, ackMs - time) / 1000, 1);
    const delivery = of(this.#delivery, sinkId);
    delivery.observe(Math.max(0, ackMs - batch.firstReceivedMs) / 1000);
  }

  /** Event's own timestamp → durable at the sink; sampled. */
  event(): [{ sink: string }, Histogram][] {
    return labelled(this.#event);
  }

  /** Oldest arrival in a batch → durable at the sink; one observation a batch. */
  delivery(): [{ sink: string }, Histogram][] {
    return labelled(this.#delivery);
  }
}

function of(histograms: Map<string, Histogram>, sinkId: string): Histogram {
  let histogram = histograms.get(sinkId);
  if (!histogram) {
    histogram = new Histogram(boundsSeconds);
    histograms.set(sinkId, histogram);
  }
  return histogram;
}

function labelled(histograms: ReadonlyMap<string, Histogram>): [{ sink: string }, Histogram][] {
  return [...histograms].map(([sink, histogram]) => [{ sink }, histogram]);
}
