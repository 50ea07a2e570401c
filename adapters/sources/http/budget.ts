/** Memory for bodies, shared by the requests of one listener. */
export class Budget {
  #used = 0;
  constructor(readonly bytesMax: number) {}

  /** False, and nothing taken, when there is no room. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.bytesMax) return false;
    this.#used += bytes;
    return true;
  }
  give(bytes: number): void {
    this.#used -= bytes;
  }
  get usedBytes(): number {
    return this.#used;
  }
}
