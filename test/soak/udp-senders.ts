import { createSocket, type Socket } from 'node:dgram';
import type { Random } from '../support/random.js';

/** Many UDP senders, each a socket of its own; some go and others come. */
export class UdpSenders {
  /** Datagrams that the system took. */
  events = 0;
  failures = 0;
  came = 0;
  readonly #sockets: Socket[] = [];
  readonly #message = Buffer.from(
    '<34>Oct 11 22:14:15 firewall kernel: DROP IN=eth0 SRC=203.0.113.9 DST=198.51.100.4 PROTO=TCP DPT=22',
  );
  #pending = 0;

  constructor(
    private readonly port: number,
    private readonly count: number,
    private readonly random: Random,
  ) {
    for (let i = 0; i < count; i++) this.#come();
  }

  send(events: number): void {
    for (let i = 0; i < events; i++) {
      const socket = this.#sockets[this.random.between(0, this.#sockets.length - 1)] as Socket;
      this.#pending++;
      socket.send(this.#message, this.port, '127.0.0.1', (error) => {
        this.#pending--;
        if (error === null) this.events++;
        else this.failures++;
      });
    }
    if (this.#pending > 0 || this.#sockets.length < this.count) return;
    this.#sockets.splice(this.random.between(0, this.#sockets.length - 1), 1)[0]?.close();
    this.#come();
  }

  async stop(): Promise<void> {
    while (this.#pending > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const socket of this.#sockets.splice(0)) socket.close();
  }

  #come(): void {
    this.came++;
    this.#sockets.push(createSocket('udp4').unref());
  }
}
