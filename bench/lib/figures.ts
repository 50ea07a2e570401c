/** Figures: one measured value with how it came about. */

export interface Pair {
  readonly value: number;
  /** The reference measured right before or after, in the reference's own unit. */
  readonly reference: number;
}

export interface Figure {
  /** Median of the pairs' values, or the one value where nothing is repeated. */
  readonly value: number;
  readonly unit: string;
  /** Alternating measurements of value and reference. */
  readonly pairs: readonly Pair[];
  /** Half of the range of the pairs' values, as part of the median. */
  readonly spread: number;
  /** Median of value / reference, comparable across noisy machines. */
  readonly ratio?: number;
  readonly reference?: string;
  /** What else was counted. */
  readonly details?: Readonly<Record<string, number | string>>;
}

export type Figures = Record<string, Figure>;

/** This machine cannot tell the figure (a tool or a counter is missing): said in the report, and no failure. */
export class Unavailable extends Error {}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export function single(value: number, unit: string, details?: Figure['details']): Figure {
  return { value, unit, pairs: [], spread: 0, ...(details ? { details } : {}) };
}

export function fromPairs(
  pairs: readonly Pair[],
  unit: string,
  reference: string,
  details?: Figure['details'],
): Figure {
  const values = pairs.map((pair) => pair.value);
  const value = median(values);
  return {
    value,
    unit,
    pairs,
    spread: (Math.max(...values) - Math.min(...values)) / 2 / value,
    ratio: median(pairs.map((pair) => pair.value / pair.reference)),
    reference,
    ...(details ? { details } : {}),
  };
}

/** Measures value and reference alternately, the order swapped each time so that drift favours neither. */
export async function alternate(
  times: number,
  value: () => number | Promise<number>,
  reference: () => number | Promise<number>,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let i = 0; i < times; i++) {
    if (i % 2 === 0) pairs.push({ value: await value(), reference: await reference() });
    else {
      const measured = await reference();
      pairs.push({ value: await value(), reference: measured });
    }
  }
  return pairs;
}
