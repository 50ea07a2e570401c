/** Holds the process below PENSTOCK_MEMORY_MAX: above it nothing more is taken in until what is there has gone on. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Logger } from 'pino';
import { trimMemory } from '../native/threads.js';

const lookMs = 200;
/** Part of the ceiling below which intake goes on. */
const releaseAt = 0.95;
const collectMs = 2_000;

export interface MemoryFigures {
  readonly bytesMax: number;
  readonly full: boolean;
  /** Times intake was held back. */
  readonly holds: number;
}

export class MemoryWatch {
  #full = false;
  #holds = 0;
  #collectedMs = Number.NEGATIVE_INFINITY;
  readonly #timer: NodeJS.Timeout | undefined;

  /** `bytesMax` 0: no ceiling. `onChange` is called when intake has to stop and when it may go on. */
  constructor(
    private readonly bytesMax: number,
    private readonly log: Logger,
    private readonly onChange: (full: boolean) => void,
    private readonly rss: () => number = () => process.memoryUsage.rss(),
  ) {
    if (bytesMax > 0) this.#timer = setInterval(() => this.look(), lookMs).unref();
  }

  get full(): boolean {
    return this.#full;
  }

  figures(): MemoryFigures {
    return { bytesMax: this.bytesMax, full: this.#full, holds: this.#holds };
  }

  look(): void {
    const bytes = this.rss();
    if (this.#full) {
      if (bytes < this.bytesMax * releaseAt) this.#set(false, bytes);
      else this.#collect();
    } else if (bytes > this.bytesMax) {
      this.#holds++;
      this.#collect();
      this.#set(true, bytes);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#full) this.#set(false, 0);
  }

  #set(full: boolean, bytes: number): void {
    this.#full = full;
    const figures = { resident_bytes: bytes, memory_max_bytes: this.bytesMax };
    if (full) this.log.warn(figures, 'the process holds more than PENSTOCK_MEMORY_MAX: senders are held back');
    else this.log.info(figures, 'there is memory again');
    this.onChange(full);
  }

  /** Freed memory is not given back by itself: the heap is collected, and the allocator's free pages go to the system. */
  #collect(): void {
    const now = performance.now();
    if (now - this.#collectedMs < collectMs) return;
    this.#collectedMs = now;
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    trimMemory();
  }
}
