/**
 * Memory for bodies, shared by the requests of one listener. A sender may hold no more than it leaves free: one takes half of it at
 * most, with another they take a third each, and so on. Who holds bodies and never ends them keeps nobody out.
 */
export class Budget {
  readonly #held = new Map<string, number>();
  #used = 0;

  /** `alwaysMax`: a sender may hold so much in any case, where there is room: a request at its largest goes through. */
  constructor(
    readonly bytesMax: number,
    readonly alwaysMax: number,
  ) {}

  /** False, and nothing taken, when there is no room for this sender. */
  take(bytes: number, sender: string): boolean {
    const held = (this.#held.get(sender) ?? 0) + bytes;
    const left = this.bytesMax - this.#used - bytes;
    if (left < 0 || held > Math.max(left, this.alwaysMax)) return false;
    this.#used += bytes;
    this.#held.set(sender, held);
    return true;
  }

  give(bytes: number, sender: string): void {
    const held = (this.#held.get(sender) ?? 0) - bytes;
    this.#used -= bytes;
    if (held > 0) this.#held.set(sender, held);
    else this.#held.delete(sender);
  }
}
