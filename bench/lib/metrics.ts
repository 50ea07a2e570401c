/** Reads the Prometheus text format: enough of it for the engine's own /metrics. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export class Metrics {
  constructor(readonly samples: readonly Sample[]) {}

  /** The sum over all label sets that contain `labels`; 0 when there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    let total = 0;
    for (const sample of this.samples) {
      if (sample.name !== name) continue;
      if (Object.entries(labels).every(([key, value]) => sample.labels[key] === value)) total += sample.value;
    }
    return total;
  }

  /** Cumulative buckets (upper bound in seconds → count), summed over the other labels. */
  buckets(name: string): Map<number, number> {
    const counts = new Map<number, number>();
    for (const sample of this.samples) {
      if (sample.name !== `${name}_bucket`) continue;
      const bound = sample.labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(sample.labels.le);
      counts.set(bound, (counts.get(bound) ?? 0) + sample.value);
    }
    return counts;
  }
}

export function parseMetrics(text: string): Metrics {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!match || line.startsWith('#')) continue;
    const labels: Record<string, string> = {};
    for (const [, key, value] of (match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      labels[key as string] = (value as string).replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
    }
    const value = match[3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(match[3]);
    samples.push({ name: match[1] as string, labels, value });
  }
  return new Metrics(samples);
}

/** A quantile of what came between two scrapes, interpolated within its bucket, in the histogram's unit. NaN: nothing came. */
export function quantile(before: Metrics, after: Metrics, name: string, q: number): number {
  const earlier = before.buckets(name);
  const bounds = [...after.buckets(name)].sort(([a], [b]) => a - b);
  const counts = bounds.map(([bound, count]) => [bound, count - (earlier.get(bound) ?? 0)] as const);
  const total = counts.at(-1)?.[1] ?? 0;
  if (total === 0) return Number.NaN;
  const rank = q * total;
  let lowerBound = 0;
  let below = 0;
  for (const [bound, count] of counts) {
    if (count >= rank) {
      if (bound === Number.POSITIVE_INFINITY) return lowerBound;
      const share = count === below ? 1 : (rank - below) / (count - below);
      return lowerBound + (bound - lowerBound) * share;
    }
    lowerBound = bound;
    below = count;
  }
  return lowerBound;
}
