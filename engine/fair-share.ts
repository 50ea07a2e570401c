/**
 * Something bounded that senders share. One may hold no more than it leaves free: alone it takes half at most, with another
 * they take a third each, and so on. Who takes all it gets, and never gives back, keeps nobody out.
 */
export class FairShare {
  readonly #held = new Map<string, number>();
  #used = 0;

  /** `alwaysMax`: a sender may hold so much in any case, where there is room. */
  constructor(
    readonly most: number,
    readonly alwaysMax: number,
  ) {}

  /** False, and nothing taken, when there is no room for this sender. */
  take(amount: number, sender: string): boolean {
    const held = (this.#held.get(sender) ?? 0) + amount;
    const left = this.most - this.#used - amount;
    if (left < 0 || held > Math.max(left, this.alwaysMax)) return false;
    this.#used += amount;
    this.#held.set(sender, held);
    return true;
  }

  give(amount: number, sender: string): void {
    const held = (this.#held.get(sender) ?? 0) - amount;
    this.#used -= amount;
    if (held > 0) this.#held.set(sender, held);
    else this.#held.delete(sender);
  }
}
