/**
 * Prometheus text exposition format 0.0.4. Figures are read when scraped; nothing is kept here.
 */
export type Labels = Readonly<Record<string, string | number>>;

export class PrometheusText {
  readonly #lines: string[] = [];

  counter(name: string, help: string, samples: readonly (readonly [Labels, number])[] | number): void {
    this.#family('counter', name, help, samples);
  }

  gauge(name: string, help: string, samples: readonly (readonly [Labels, number])[] | number): void {
    this.#family('gauge', name, help, samples);
  }

  /** Quantiles alone: who reads them cannot add them up. */
  summary(name: string, help: string, samples: readonly (readonly [Labels, number])[]): void {
    this.#family('summary', name, help, samples);
  }

  histogram(name: string, help: string, series: readonly (readonly [Labels, Histogram])[]): void {
    this.#head('histogram', name, help);
    for (const [labels, histogram] of series) {
      let below = 0;
      histogram.bounds.forEach((bound, i) => {
        below += histogram.counts[i] as number;
        this.#sample(`${name}_bucket`, { ...labels, le: bound }, below);
      });
      this.#sample(`${name}_bucket`, { ...labels, le: '+Inf' }, histogram.count);
      this.#sample(`${name}_sum`, labels, histogram.sum);
      this.#sample(`${name}_count`, labels, histogram.count);
    }
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  #family(type: string, name: string, help: string, samples: readonly (readonly [Labels, number])[] | number): void {
    this.#head(type, name, help);
    if (typeof samples === 'number') this.#sample(name, {}, samples);
    else for (const [labels, value] of samples) this.#sample(name, labels, value);
  }

  #head(type: string, name: string, help: string): void {
    this.#lines.push(
      `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
      `# TYPE ${name} ${type}`,
    );
  }

  #sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([key, label]) => `${key}="${escapeLabel(String(label))}"`);
    this.#lines.push(`${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`);
  }
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Counts by upper bound; the last bucket, up to infinity, is `count` less the others. */
export class Histogram {
  readonly counts: number[];
  count = 0;
  sum = 0;

  constructor(readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length).fill(0);
  }

  /** `weight`: how many observations this value stands for. */
  observe(value: number, weight = 1): void {
    this.count += weight;
    this.sum += value * weight;
    let low = 0;
    let high = this.bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= (this.bounds[middle] as number)) high = middle;
      else low = middle + 1;
    }
    if (low < this.counts.length) this.counts[low] = (this.counts[low] as number) + weight;
  }
}

/** Bounds that grow by a factor, from `first` to at least `last`. */
export function exponentialBounds(first: number, factor: number, last: number): number[] {
  const bounds: number[] = [];
  for (let bound = first; ; bound *= factor) {
    bounds.push(Number(bound.toPrecision(4)));
    if (bound >= last) return bounds;
  }
}
