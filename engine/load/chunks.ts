/** The messages of a load that is sent from JavaScript, stamped and in chunks. */
import type { LoadOptions, LoadTemplate } from '../../native/load-generator.js';
import { sequenceMark } from './messages.js';

export interface Chunk {
  readonly bytes: Buffer;
  readonly count: number;
}

export class Chunks {
  #sequence = 0;
  #next = 0;
  readonly #startedMs = performance.now();

  constructor(
    readonly options: LoadOptions & { readonly stop: AbortSignal },
    readonly template: LoadTemplate,
  ) {}

  get startedMs(): number {
    return this.#startedMs;
  }

  /** The next chunk for a connection that has sent so many messages; null when sending is over. */
  next(sent: number): Chunk | null {
    if (this.#isOver()) return null;
    const { rate, connections, chunkBytes } = this.options;
    // About ten milliseconds of the rate; what is late, where each chunk takes longer (HTTP waits for answers).
    const share = rate / connections;
    const late = ((performance.now() - this.#startedMs) / 1000) * share - sent;
    const due = rate > 0 ? Math.max(1, Math.floor(late), Math.floor(share / 100)) : Number.POSITIVE_INFINITY;
    const chunk = this.#chunk(due, chunkBytes);
    return chunk.count === 0 ? null : chunk;
  }

  /** How long a connection that has sent so many messages has to wait to keep to the rate. */
  pauseMs(sent: number): number {
    const { rate, connections } = this.options;
    return rate === 0 ? 0 : Math.max(0, this.#startedMs + (sent / (rate / connections)) * 1000 - performance.now());
  }

  #isOver(): boolean {
    const { count, seconds, stop } = this.options;
    return (
      stop.aborted ||
      (count > 0 && this.#sequence >= count) ||
      (seconds > 0 && performance.now() - this.#startedMs >= seconds * 1000)
    );
  }

  #chunk(messagesMax: number, bytesMax: number): Chunk {
    const { bytes, starts, timestamps, sequences } = this.template;
    const now = `${new Date().toISOString().slice(0, -1)}000Z`;
    const parts: Buffer[] = [];
    let size = 0;
    while (
      parts.length < messagesMax &&
      size < bytesMax &&
      (this.options.count === 0 || this.#sequence < this.options.count)
    ) {
      const n = this.#next++ % timestamps.length;
      const start = starts[n] as number;
      const part = Buffer.from(bytes.subarray(start, starts[n + 1]));
      if (timestamps[n] !== 0xffffffff) part.write(now, (timestamps[n] as number) - start, 'latin1');
      if (sequences[n] !== 0xffffffff) {
        part.write(
          String(this.#sequence).padStart(sequenceMark.length, '0'),
          (sequences[n] as number) - start,
          'latin1',
        );
      }
      this.#sequence++;
      parts.push(part);
      size += part.length;
    }
    return { bytes: Buffer.concat(parts, size), count: parts.length };
  }
}
