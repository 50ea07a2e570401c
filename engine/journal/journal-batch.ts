import type { JournalPosition, StoredBatch } from '../contracts.js';
import type { ReadWindow, ReadWindows } from './read-windows.js';
import { recordCount } from './record-batch.js';

const entryHeaderBytes = 64;

/** A stored batch with what its entry header says about time. */
export class JournalBatch implements StoredBatch {
  readonly count: number;

  constructor(
    readonly position: JournalPosition,
    readonly next: JournalPosition,
    readonly route: number,
    readonly partition: number,
    readonly events: number,
    readonly bytes: Buffer,
    /** When its first and last event were received, ms since the epoch. */
    readonly firstReceivedMs: number,
    readonly lastReceivedMs: number,
    readonly sampleCount: number,
    /** Where the entry begins in the window's memory. */
    private readonly entryAt: number,
    private readonly window: ReadWindow,
    private readonly windows: ReadWindows,
  ) {
    this.count = recordCount(bytes);
  }

  /** Event times (@timestamp, ms since the epoch) of up to 16 evenly spread events. */
  eventTimesMs(): number[] {
    const times: number[] = [];
    for (let i = 0; i < this.sampleCount; i++) {
      const at = this.entryAt + entryHeaderBytes + 8 * i;
      const { bytes } = this.window;
      times.push((bytes.readInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at)) / 1e6);
    }
    return times;
  }

  /** Gives the memory of `bytes` back for the next reads. Call it once, when nothing looks at them any more; or never. */
  release(): void {
    this.windows.release(this.window);
  }
}
