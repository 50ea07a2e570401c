/** What a sink may have in flight by default: no more windows than that are ever free for long. */
const freeWindowsMax = 64;

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
 * memory for each read would be faulted in page by page and make the garbage collector run all the time. Batches that
 * nobody releases keep their window to themselves.
 */
export class ReadWindows {
  #current: ReadWindow;
  readonly #free: ReadWindow[] = [];

  constructor(private readonly windowBytes: number) {
    this.#current = makeWindow(windowBytes);
  }

  /** A window with at least `bytes` behind `used`. */
  take(bytes: number): ReadWindow {
    const current = this.#current;
    if (current.held === 0) current.used = 0;
    if (current.bytes.length - current.used >= bytes) return current;
    const next = this.#free.findIndex((window) => window.bytes.length >= bytes);
    this.#current = next >= 0 ? this.#free.splice(next, 1)[0]! : makeWindow(Math.max(bytes, this.windowBytes));
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
  }
}

function makeWindow(bytes: number): ReadWindow {
  return { bytes: Buffer.allocUnsafeSlow(bytes), used: 0, held: 0 };
}
