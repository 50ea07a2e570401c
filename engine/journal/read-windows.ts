/** What a sink may have in flight by default: no more windows than that are ever free. */
const freeWindowsMax = 64;
/** Windows that were free all that long are given back to the system. */
export const idleMs = 1000;

/** A stretch of memory that batches are cut from. */
export interface ReadWindow {
  readonly bytes: Buffer;
  /** Bytes before it belong to batches. */
  used: number;
  /** Batches cut from it and not yet released. */
  held: number;
}

/**
 * Memory that one reader reads a journal into. A window is used again when every batch cut from it has been released: new
 * memory for each read would be faulted in page by page and make the garbage collector run all the time. What a backlog needed is
 * given back when it is not needed any more. Batches that nobody releases keep their window to themselves.
 */
export class ReadWindows {
  #current: ReadWindow;
  readonly #free: ReadWindow[] = [];
  /** Fewest that were free since the last look: so many were not needed. */
  #fewestFree = 0;
  #look: NodeJS.Timeout | null = null;

  constructor(private readonly windowBytes: number) {
    this.#current = makeWindow(windowBytes);
  }

  /** Windows that wait to be used again. */
  get free(): number {
    return this.#free.length;
  }

  /** A window with at least `bytes` behind `used`. */
  take(bytes: number): ReadWindow {
    const current = this.#current;
    if (current.held === 0) current.used = 0;
    if (current.bytes.length - current.used >= bytes) return current;
    this.#current = (bytes <= this.windowBytes && this.#free.pop()) || makeWindow(Math.max(bytes, this.windowBytes));
    this.#fewestFree = Math.min(this.#fewestFree, this.#free.length);
    if (current.held === 0) this.#keep(current);
    return this.#current;
  }

  /** A batch cut from `window` is needed no more. */
  release(window: ReadWindow): void {
    window.held--;
    if (window.held === 0 && window !== this.#current) this.#keep(window);
  }

  #keep(window: ReadWindow): void {
    // Larger ones were for one large batch.
    if (window.bytes.length > this.windowBytes || this.#free.length >= freeWindowsMax) return;
    window.used = 0;
    this.#free.push(window);
    this.#look ??= setTimeout(() => this.#giveBack(), idleMs).unref();
  }

  #giveBack(): void {
    this.#free.splice(0, this.#fewestFree); // the last ones in are taken first, and are warm
    this.#fewestFree = this.#free.length;
    this.#look = this.#free.length === 0 ? null : setTimeout(() => this.#giveBack(), idleMs).unref();
  }
}

function makeWindow(bytes: number): ReadWindow {
  return { bytes: Buffer.allocUnsafeSlow(bytes), used: 0, held: 0 };
}
