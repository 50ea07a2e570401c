import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { IngestClient } from '../../../support/ingest-client.js';
import type { Random } from '../../../support/random.js';

/**
 * Numbered events over HTTP (one request after the other, none sent again) and over one TCP connection. What HTTP acknowledged and
 * what TCP took must be in the topic; an HTTP event that was turned away may be or not, but not twice.
 */
export class ChaosLoad {
  /** Numbers given out. */
  next = 0;
  /** Numbers that must arrive. */
  readonly promised = new Set<number>();
  /** How many of these went over TCP. */
  streamed = 0;
  /** Bytes of an event besides its number. */
  paddingBytes = 120;
  readonly #client = new IngestClient();
  readonly #socket: Socket;
  #work: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly httpPort: number,
    tcpPort: number,
    private readonly random: Random,
  ) {
    this.#socket = createConnection(tcpPort, '127.0.0.1');
  }

  start(): void {
    this.#work = Promise.all([this.#post(), this.#stream()]);
    this.#work.catch(() => {}); // told by stop()
  }

  /** Everything that was begun is answered, or given to the system, when it resolves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#work;
    this.#socket.end();
    this.#client.destroy();
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  /** Ends without waiting for anything. */
  abort(): void {
    this.#stopped = true;
    this.#socket.on('error', () => {}).destroy();
    this.#client.destroy();
  }

  /** One event over HTTP. Resolves with its number when it is acknowledged. */
  async postOne(paddingBytes: number): Promise<number> {
    const number = this.next++;
    const accepted = await this.#client.post(this.httpPort, this.#json(number, paddingBytes));
    if (accepted !== 1) throw new Error('the event was turned away');
    this.promised.add(number);
    return number;
  }

  async #post(): Promise<void> {
    while (!this.#stopped) {
      const from = this.next;
      this.next += this.random.pick([1, 5, 20, 100, 300]);
      const to = this.next;
      let body = '';
      for (let n = from; n < to; n++) body += this.#json(n, this.paddingBytes);
      const accepted = await this.#client.post(this.httpPort, body);
      for (let n = from; n < from + accepted; n++) this.promised.add(n);
      await delay(this.random.between(0, 60));
    }
  }
  async #stream(): Promise<void> {
    await once(this.#socket, 'connect');
    this.#socket.resume();
    while (!this.#stopped) {
      const from = this.next;
      this.next += this.random.pick([1, 10, 50, 200]);
      const to = this.next;
      let text = '';
      for (let n = from; n < to; n++)
        text += `<34>1 2026-01-02T03:04:05.678901Z host-${n % 50} app 42 ID47 - seq=${n} ${this.#padding(this.paddingBytes)}\n`;
      if (!this.#socket.write(text)) await Promise.race([once(this.#socket, 'drain'), this.#untilStopped()]);
      for (let n = from; n < to; n++) this.promised.add(n);
      this.streamed += to - from;
      await delay(this.random.between(0, 60));
    }
  }
  async #untilStopped(): Promise<void> {
    while (!this.#stopped) await delay(50);
  }

  #json(n: number, paddingBytes: number): string {
    return `{"message":"seq=${n} ${this.#padding(paddingBytes)}","host":{"name":"web-${n % 9}"}}\n`;
  }
  /** Text that does not compress, so that batches have the size of their events. */
  #padding(bytes: number): string {
    let text = '';
    while (text.length < bytes) text += this.random.next().toString(36).slice(2);
    return text.slice(0, bytes);
  }
}
