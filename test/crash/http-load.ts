import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../support/random.js';
import { keyText } from './event-keys.js';
import { padding } from './padding.js';

/**
 * One client that posts NDJSON, one request after the other, each event once and never again: what is answered 200 must be kept
 * for ever, what is not answered may be there or not, but not twice.
 */
export class HttpLoad {
  /** Numbers below which each was sent, and those of them that were acknowledged. */
  sent = 0;
  readonly acknowledged: [from: number, to: number][] = [];
  acknowledgedEvents = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #stopped = false;

  constructor(
    readonly stream: number,
    private readonly port: number,
    private readonly random: Random,
  ) {}

  async run(): Promise<void> {
    while (!this.#stopped) {
      const events = this.random.pick([1, 3, 10, 20, 50, 100, 600]);
      const from = this.sent;
      this.sent += events;
      const accepted = await this.#post(from, events);
      if (accepted > 0) {
        this.acknowledged.push([from, from + accepted]);
        this.acknowledgedEvents += accepted;
      }
      await delay(this.random.between(0, 12));
    }
    this.#agent.destroy();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** How many events, from the first on, the answer says are durable. No answer: none is promised. */
  #post(from: number, events: number): Promise<number> {
    let body = '';
    for (let n = from; n < from + events; n++)
      body += `{"message":"${keyText(this.stream, n)} ${padding(n, 120)}","host":{"name":"web-${n % 9}"}}\n`;
    return new Promise((resolve) => {
      const headers = { 'content-type': 'application/x-ndjson', 'content-length': Buffer.byteLength(body) };
      const options = {
        host: '127.0.0.1',
        port: this.port,
        path: '/ingest',
        method: 'POST',
        agent: this.#agent,
        headers,
      };
      const post = request(options, (response) => {
        let text = '';
        response.on('data', (part) => (text += part));
        response.on('error', () => resolve(0));
        response.on('end', () => resolve(response.complete ? acceptedIn(text) : 0));
      });
      post.on('error', () => resolve(0));
      post.end(body);
    });
  }
}

function acceptedIn(text: string): number {
  return (JSON.parse(text) as { accepted: number }).accepted;
}
