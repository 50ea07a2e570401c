/** How many batches back the worst compression ratio is remembered. */
const remembered = 8;

/**
 * The encoded size at which a batch is closed, so that what is left of it after compression comes near `packedBytes` and never
 * far beyond: the fewer and larger the batches, the less each event costs from here on, but a Kafka broker refuses the largest.
 * It follows the least of the last ratios, between `packedBytes` (nothing can be compressed) and `bytesMax`.
 */
export class BatchTarget {
  readonly #ratios: number[] = [];
  #next = 0;

  /** @param packedBytes of a compressed batch @param bytesMax of a batch before compression */
  constructor(
    private packedBytes: number,
    private bytesMax: number,
  ) {}

  /** From now on these; 0: as before. */
  take(packedBytes: number, bytesMax: number): void {
    if (packedBytes > 0) this.packedBytes = packedBytes;
    if (bytesMax > 0) this.bytesMax = bytesMax;
  }

  /** A batch of `bytes` became `packed` bytes. Small ones say little of large ones, but err on the safe side. */
  observe(bytes: number, packed: number): void {
    this.#ratios[this.#next] = bytes / Math.max(1, packed);
    this.#next = (this.#next + 1) % remembered;
  }

  /** Of a batch as it is delivered: beyond it a broker may refuse it. The target leaves a third of a broker's usual 1 MiB. */
  get deliverableBytes(): number {
    return this.packedBytes * 1.5;
  }

  get bytes(): number {
    const ratio = this.#ratios.length === 0 ? 1 : Math.max(1, Math.min(...this.#ratios));
    return Math.min(this.bytesMax, Math.floor(this.packedBytes * ratio));
  }
}
