import { Agent, request } from 'node:http';
import type { Random } from '../support/random.js';

const eventsPerRequest = 50;

/** Many HTTP clients, each a connection of its own; some go and others come. */
export class HttpSenders {
  /** Events acknowledged with 200. */
  events = 0;
  /** Requests that failed or were refused. */
  failures = 0;
  came = 0;
  readonly #agents: Agent[] = [];
  readonly #body = Array.from(
    { length: eventsPerRequest },
    (_, i) => `{"message":"login of user${i}","source":{"ip":"203.0.113.${i}"},"event":{"outcome":"failure"}}`,
  ).join('\n');
  #pending = 0;
  #due = 0;

  constructor(
    private readonly port: number,
    count: number,
    private readonly random: Random,
  ) {
    for (let i = 0; i < count; i++) this.#come();
  }

  send(events: number): void {
    for (this.#due += events; this.#due >= eventsPerRequest; this.#due -= eventsPerRequest) {
      const at = this.random.between(0, this.#agents.length - 1);
      // One that waits for an answer stays.
      if (this.random.next() < 0.01 && Object.keys(this.#agents[at]?.sockets ?? {}).length === 0) {
        this.#agents[at]?.destroy();
        this.#agents.splice(at, 1);
        this.#come();
      }
      this.#post(this.#agents[Math.min(at, this.#agents.length - 1)] as Agent);
    }
  }

  async stop(): Promise<void> {
    while (this.#pending > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const agent of this.#agents.splice(0)) agent.destroy();
  }

  #post(agent: Agent): void {
    if (this.#pending > 200) return;
    this.#pending++;
    const done = (status: number): void => {
      this.#pending--;
      if (status === 200) this.events += eventsPerRequest;
      else this.failures++;
    };
    const headers = { 'content-type': 'application/x-ndjson', 'content-length': Buffer.byteLength(this.#body) };
    const options = { host: '127.0.0.1', port: this.port, path: '/ingest', method: 'POST', agent, headers };
    const post = request(options, (response) => {
      response.resume();
      response.on('close', () => done(response.statusCode ?? 0));
    });
    post.on('error', () => done(0));
    post.end(this.#body);
  }

  #come(): void {
    this.came++;
    this.#agents.push(new Agent({ keepAlive: true, maxSockets: 1 }));
  }
}
