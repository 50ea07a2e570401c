/**
 * Counters of receiving: one block a thread (the feeder counts as one) and listener, in shared memory.
 */
import { ioStatTable, ioStatWords } from '../../native/io.js';

export class IoStats {
  readonly memory: SharedArrayBuffer;
  private readonly words: BigUint64Array;
  private readonly index: ReadonlyMap<string, number>;

  /** `producers`: receiver threads and the feeder. */
  constructor(
    readonly producers: number,
    private readonly listeners: number,
  ) {
    this.memory = new SharedArrayBuffer(producers * listeners * ioStatWords() * 8);
    this.words = new BigUint64Array(this.memory);
    this.index = new Map(ioStatTable().map((stat, i) => [stat.name, i]));
  }

  /** Every counter of a listener, summed over the threads. Names without prefix. */
  read(listener: number): Record<string, number> {
    return Object.fromEntries(ioStatTable().map(({ name }) => [name, this.value(listener, name)]));
  }

  /** One counter of a listener; the name of a counter by reasons, without one: all of them. */
  value(listener: number, name: string): number {
    const reasons = this.index.has(name)
      ? [name]
      : [...this.index.keys()].filter((each) => each.startsWith(`${name}.`));
    if (reasons.length === 0) throw new Error(`no such counter: ${name}`);
    let sum = 0n;
    for (const at of reasons.map((each) => this.wordOf(each)))
      for (let producer = 0; producer < this.producers; producer++)
        sum += Atomics.load(this.words, this.block(producer, listener) + at);
    return Number(BigInt.asIntN(64, sum));
  }

  /** The same of every listener. */
  total(name: string): number {
    let sum = 0;
    for (let listener = 0; listener < this.listeners; listener++) sum += this.value(listener, name);
    return sum;
  }

  /** Counts in the feeder's block, which only the main thread writes. */
  add(listener: number, name: string, count: number): void {
    Atomics.add(this.words, this.block(this.producers - 1, listener) + this.wordOf(name), BigInt(count));
  }

  private block(producer: number, listener: number): number {
    return (producer * this.listeners + listener) * ioStatWords();
  }

  private wordOf(name: string): number {
    const at = this.index.get(name);
    if (at === undefined) throw new Error(`no such counter: ${name}`);
    return at;
  }
}
