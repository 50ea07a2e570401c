/** How long a limit that was learnt holds before something larger is tried again. */
const holdMs = 60_000;
/** No topic allows more than this by accident. */
const bytesMax = 64 << 20;

/**
 * What size of batch a partition takes, learnt from refusals: the broker names no limit. So once it has refused a batch for its
 * size the next ones are split before they are sent, until a larger one is tried again.
 */
export class SizeLimit {
  #bytes = Number.POSITIVE_INFINITY;
  #until = 0;

  refused(bytes: number): void {
    this.#bytes = Math.min(this.#bytes, Math.ceil(bytes / 2));
    this.#until = performance.now() + holdMs;
  }
  /** Into how many pieces a batch of this size is to be split; 1: none. */
  pieces(bytes: number): number {
    if (bytes <= this.#bytes) return 1;
    if (performance.now() >= this.#until) {
      this.#bytes *= 2;
      if (this.#bytes > bytesMax) this.#bytes = Number.POSITIVE_INFINITY;
      this.#until = performance.now() + holdMs;
    }
    return Math.ceil(bytes / this.#bytes);
  }
}
