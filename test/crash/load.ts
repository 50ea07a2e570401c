import { Random } from '../support/random.js';
import { HttpLoad } from './http-load.js';
import { TcpLoad } from './tcp-load.js';

/** One without keys, one with. */
const httpClients = 2;
const tcpConnections = 2;

/** Everything sent in all cycles: each run of the process has its own generators, and each of those its own stream of numbers. */
export class Load {
  readonly http: HttpLoad[] = [];
  readonly tcp: TcpLoad[] = [];
  #running: Promise<void>[] = [];
  #streams = 0;

  /** Sends to a process until `stop`; a port that nobody listens on yet or any more is no failure. */
  start(ports: { readonly http: number; readonly tcp: number }, seed: number): void {
    this.#running.push(this.sendAgain(ports.http));
    for (let i = 0; i < httpClients; i++) {
      this.#run(this.http, new HttpLoad(this.#streams++, ports.http, new Random(seed + i), i % 2 === 1));
    }
    for (let i = 0; i < tcpConnections; i++) {
      this.#run(this.tcp, new TcpLoad(this.#streams++, ports.tcp, new Random(seed - 1 - i)));
    }
  }

  /** Sends again what was not answered and has a key. */
  async sendAgain(port: number): Promise<void> {
    await Promise.all(this.http.filter(({ unanswered }) => unanswered.length > 0).map((one) => one.again(port)));
  }

  /** Requests with a key that were not answered in full. */
  get unanswered(): number {
    return this.http.reduce((sum, { unanswered }) => sum + unanswered.length, 0);
  }

  async stop(): Promise<void> {
    for (const one of [...this.http, ...this.tcp]) one.stop();
    await Promise.all(this.#running.splice(0));
  }

  #run<T extends { run(): Promise<void> }>(list: T[], one: T): void {
    list.push(one);
    this.#running.push(one.run());
  }
}
