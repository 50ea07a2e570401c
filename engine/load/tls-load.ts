/**
 * Load over TLS: the same messages, sent by node:tls. Slower than the native generator; the handshake and the records are what it
 * is for.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import type { LoadOptions, LoadResult, LoadTemplate } from '../../native/load-generator.js';
import { sequenceMark } from './messages.js';

export interface TlsLoadOptions extends LoadOptions {
  /** PEM file of the authority that signed the server's certificate. */
  readonly ca: string | undefined;
  /** Ends sending. */
  readonly stop: AbortSignal;
}

/** How long a listener that takes nothing may hold up the end. */
const patienceMs = 5000;

export async function runTlsLoad(options: TlsLoadOptions, template: LoadTemplate): Promise<LoadResult> {
  const ca = options.ca === undefined ? undefined : readFileSync(options.ca);
  const sockets = Array.from({ length: options.connections }, () =>
    connect({ host: options.host, port: options.port, minVersion: 'TLSv1.2', ...(ca && { ca }) }),
  );
  const startedMs = performance.now();
  const load = new TlsLoad(options, template);
  let error = '';
  const giveUp = (): void => {
    for (const socket of sockets) socket.destroy(new Error('gave up: the listener takes nothing'));
  };
  const { seconds, stop } = options;
  const end = seconds > 0 ? setTimeout(giveUp, seconds * 1000 + patienceMs) : undefined;
  stop.addEventListener('abort', () => setTimeout(giveUp, 1000).unref());
  try {
    await Promise.all(sockets.map((socket) => once(socket, 'secureConnect')));
    await Promise.all(sockets.map((socket) => load.feed(socket)));
  } catch (cause) {
    error = cause instanceof Error ? cause.message : String(cause);
  }
  clearTimeout(end);
  for (const socket of sockets) socket.destroy();
  return { sent: load.sent, bytes: load.bytes, seconds: (performance.now() - startedMs) / 1000, retries: 0, error };
}

class TlsLoad {
  sent = 0;
  bytes = 0;
  #sequence = 0;
  #next = 0;
  readonly #startedMs = performance.now();

  constructor(
    readonly options: TlsLoadOptions,
    readonly template: LoadTemplate,
  ) {}

  async feed(socket: TLSSocket): Promise<void> {
    const { rate, connections, chunkBytes } = this.options;
    const perChunk = rate > 0 ? Math.max(1, Math.floor(rate / connections / 100)) : Number.POSITIVE_INFINITY;
    let mine = 0;
    while (!this.#over()) {
      const chunk = this.#chunk(perChunk, chunkBytes);
      if (chunk.count === 0) break;
      if (!socket.write(chunk.bytes)) await once(socket, 'drain');
      mine += chunk.count;
      if (rate > 0) {
        const dueMs = this.#startedMs + (mine / (rate / connections)) * 1000;
        await delay(Math.max(0, dueMs - performance.now()));
      }
    }
    socket.end();
    await once(socket, 'close');
  }

  #over(): boolean {
    const { count, seconds, stop } = this.options;
    return (
      stop.aborted ||
      (count > 0 && this.#sequence >= count) ||
      (seconds > 0 && performance.now() - this.#startedMs >= seconds * 1000)
    );
  }

  #chunk(messagesMax: number, bytesMax: number): { bytes: Buffer; count: number } {
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
    this.sent += parts.length;
    this.bytes += size;
    return { bytes: Buffer.concat(parts, size), count: parts.length };
  }
}
