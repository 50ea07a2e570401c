import { connect, type Socket } from 'node:net';
import type { Random } from '../support/random.js';

interface Sender {
  readonly socket: Socket;
  /** Bursts until it goes and another one comes. */
  left: number;
}

/** Many TCP connections that come, send some bursts of syslog, and go. */
export class TcpSenders {
  /** Events in bursts given to a connection that then ended in order. */
  events = 0;
  failures = 0;
  came = 0;
  readonly #senders: Sender[] = [];
  readonly #burst: Buffer;
  #closed = 0;

  constructor(
    private readonly port: number,
    count: number,
    private readonly eventsPerBurst: number,
    private readonly random: Random,
  ) {
    const line = (i: number) =>
      `<34>1 2026-01-02T03:04:05.678901Z host-${i} sshd 42 ID47 - Failed password for user${i * 7919} from 203.0.113.${i % 256} port ${1024 + i} ssh2\n`;
    this.#burst = Buffer.from(Array.from({ length: eventsPerBurst }, (_, i) => line(i)).join(''));
    for (let i = 0; i < count; i++) this.#come();
  }

  /** Sends about so many events, each sender one burst at most. */
  send(events: number): void {
    for (let sent = 0, tries = 0; sent < events && tries < this.#senders.length; tries++) {
      const at = this.random.between(0, this.#senders.length - 1);
      const sender = this.#senders[at] as Sender;
      if (sender.socket.connecting || sender.socket.writableNeedDrain) continue;
      sender.socket.write(this.#burst);
      this.events += this.eventsPerBurst;
      sent += this.eventsPerBurst;
      if (--sender.left > 0) continue;
      this.#senders.splice(at, 1);
      sender.socket.end();
      this.#come();
    }
  }

  /** Ends all; resolves when every connection is closed. */
  async stop(): Promise<void> {
    for (const { socket } of this.#senders.splice(0)) socket.end();
    while (this.#closed < this.came) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  #come(): void {
    const socket = connect(this.port, '127.0.0.1');
    this.came++;
    socket.on('error', () => this.failures++);
    socket.on('close', () => this.#closed++);
    socket.resume();
    this.#senders.push({ socket, left: this.random.between(1, 60) });
  }
}
