/** Datagrams at the highest rate of which none is lost, and what an event costs there. */
import { alternate, type Figure, fromPairs, type Pair } from './figures.js';
import { highestRate, type Search } from './search.js';

export interface LossyRun {
  readonly lost: number;
  /** Sent in fact. */
  readonly perSecond: number;
  readonly eventsPerCpuSecond: number;
}

/** Below this part of the rate asked for, the generator is what limits. */
const rateKept = 0.93;
const lowerBy = 0.9;
const attempts = 2;

/** `run` sends at a rate and waits until everything has arrived or is lost. */
export async function measureLossless(
  search: Search & { readonly pairs: number },
  run: (rate: number) => Promise<LossyRun>,
  reference: { readonly name: string; measure(): number },
): Promise<Figure> {
  let generatorLimits = false;
  let rate = await highestRate(search, async (asked) => {
    // Twice: what else the machine does for a moment says nothing about the rate.
    for (let attempt = 0; attempt < attempts; attempt++) {
      const { lost, perSecond } = await run(asked);
      const kept = perSecond >= asked * rateKept;
      if (lost === 0 && kept) return true;
      generatorLimits = lost === 0;
    }
    return false;
  });
  if (rate === 0) throw new Error(`datagrams are lost at ${search.from}/s already`);
  for (;;) {
    let lost = 0;
    let perSecond = Number.POSITIVE_INFINITY;
    const measure = async () => {
      const one = await run(rate);
      lost += one.lost;
      perSecond = Math.min(perSecond, one.perSecond);
      return one.eventsPerCpuSecond;
    };
    const pairs: Pair[] = await alternate(search.pairs, measure, () => reference.measure());
    // What one trial bore, many may not: lower until all of them do.
    if (lost === 0 || rate * lowerBy < search.from) {
      const limited_by = generatorLimits ? 'generator' : 'loss';
      const details = { datagrams_per_second: Math.round(perSecond), lost, limited_by };
      return fromPairs(pairs, 'events/CPU-s', reference.name, details);
    }
    rate = Math.round((rate * lowerBy) / 1000) * 1000;
  }
}
