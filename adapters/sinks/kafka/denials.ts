/**
 * Topics that the user may not write to, or that are not there. With one topic there is nothing to do but wait. With several, batches of the denied one must
 * not fill what may be in flight and hold up the others for ever.
 */
export class Denials {
  readonly #since = new Map<string, number>();
  readonly #delivered = new Map<string, number>();
  readonly #unknownSince = new Map<string, number>();

  /** `waitMs` 0: for ever. */
  constructor(private readonly waitMs: number) {}

  delivered(topic: string, now = performance.now()): void {
    this.#since.delete(topic);
    this.#delivered.set(topic, now);
  }
  /** The topic was denied once more. True: it was for long, and another topic took something since that began. */
  forGood(topic: string, now = performance.now()): boolean {
    const since = this.#since.get(topic) ?? now;
    this.#since.set(topic, since);
    if (this.waitMs === 0 || now - since < this.waitMs) return false;
    return [...this.#delivered].some(([other, at]) => other !== topic && at >= since);
  }
  described(topic: string): void {
    this.#unknownSince.delete(topic);
  }
  /** The topic could not be described once more. True: for long, while another one of the sink, among `known`, can be. */
  unknownForGood(topic: string, known: readonly string[], now = performance.now()): boolean {
    const since = this.#unknownSince.get(topic) ?? now;
    this.#unknownSince.set(topic, since);
    return this.waitMs > 0 && now - since >= this.waitMs && known.some((other) => other !== topic);
  }
}
