import type { KeyCounts } from './event-keys.js';
import type { Load } from './load.js';

/** What a run of the crash test found. */
export interface Verdict {
  /** Sentences; none: all is well. */
  readonly failures: readonly string[];
  readonly acknowledged: number;
  /** Requests with a key that were sent again because they had not been answered. */
  readonly sentAgain: number;
  readonly tcpSent: number;
  readonly tcpKept: number;
  /** Plain TCP: bytes given to the system and not kept, of the connection that lost most and of all together. */
  readonly lossWindowBytesMax: number;
  readonly lossBytes: number;
  readonly connectionsCut: number;
}

const examplesMax = 5;

/**
 * Holds what the sink has against what was sent.
 * @param found how often the sink has each event
 * @param journaled what was in the journal of a killed process at some time
 */
export function verify(load: Load, found: KeyCounts, journaled: KeyCounts): Verdict {
  const twice = new Examples('events are in the sink more than once');
  for (const { stream, number, times } of found.keys())
    if (times > 1) twice.add(`${stream}.${number} (${times} times)`);

  const lost = new Examples('acknowledged events are not in the sink');
  let acknowledged = 0;
  for (const { stream, acknowledged: ranges } of load.http) {
    for (const [from, to] of ranges) {
      acknowledged += to - from;
      for (let n = from; n < to; n++) if (found.of(stream, n) === 0) lost.add(`${stream}.${n}`);
    }
  }
  const journalLost = new Examples('events that were in the journal are not in the sink');
  for (const { stream, number } of journaled.keys())
    if (found.of(stream, number) === 0) journalLost.add(`${stream}.${number}`);

  const gaps = new Examples('TCP connections lost events before others that were kept');
  let [tcpSent, tcpKept, lossBytes, lossWindowBytesMax, connectionsCut] = [0, 0, 0, 0, 0];
  for (const { stream, sent, sentBytes } of load.tcp) {
    let kept = 0;
    while (kept < sent && found.of(stream, kept) > 0) kept++;
    for (let n = kept; n < sent; n++) if (found.of(stream, n) > 0) gaps.add(`${stream}: ${n} without ${kept}`);
    const bytes = sent === 0 ? 0 : Math.round(((sent - kept) / sent) * sentBytes);
    tcpSent += sent;
    tcpKept += kept;
    lossBytes += bytes;
    lossWindowBytesMax = Math.max(lossWindowBytesMax, bytes);
    if (bytes > 0) connectionsCut++;
  }
  const failures = [twice, lost, journalLost, gaps].flatMap((examples) => examples.sentence());
  const sentAgain = load.http.reduce((sum, one) => sum + one.sentAgain, 0);
  return { failures, acknowledged, sentAgain, tcpSent, tcpKept, lossWindowBytesMax, lossBytes, connectionsCut };
}

/** Counts all, names the first few. */
class Examples {
  #count = 0;
  readonly #first: string[] = [];
  constructor(private readonly what: string) {}
  add(example: string): void {
    this.#count++;
    if (this.#first.length < examplesMax) this.#first.push(example);
  }
  sentence(): string[] {
    return this.#count === 0 ? [] : [`${this.#count} ${this.what}: ${this.#first.join(', ')}`];
  }
}
