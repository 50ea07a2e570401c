import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../support/random.js';
import { keyText } from './event-keys.js';
import { padding } from './padding.js';

/** One plain TCP connection that writes syslog lines until it is cut or stopped: nothing is acknowledged on it. */
export class TcpLoad {
  /** Lines given to the system, and their bytes. */
  sent = 0;
  sentBytes = 0;
  readonly #socket: Socket;
  #open = false;
  #stopped = false;

  constructor(
    readonly stream: number,
    port: number,
    private readonly random: Random,
  ) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('connect', () => (this.#open = true));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => (this.#stopped = true));
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      if (this.#open && this.#socket.writableLength === 0)
        this.#write(this.random.pick([1, 1, 5, 10, 20, 50, 50, 100, 200, 1500]));
      await delay(this.random.between(0, 20));
    }
    this.#socket.end();
    this.#socket.resume();
  }

  stop(): void {
    this.#stopped = true;
  }

  #write(lines: number): void {
    let text = '';
    for (let n = this.sent; n < this.sent + lines; n++)
      text += `<${32 + (n % 8)}>1 2026-01-02T03:04:05.678901Z host-${n % 50} app 42 ID47 - ${keyText(this.stream, n)} ${padding(n, 120)}\n`;
    this.#socket.write(text);
    this.sent += lines;
    this.sentBytes += text.length;
  }
}
