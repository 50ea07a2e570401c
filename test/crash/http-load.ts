import { setTimeout as delay } from 'node:timers/promises';
import { IngestClient } from '../support/ingest-client.js';
import type { Random } from '../support/random.js';
import { keyText } from './event-keys.js';
import { padding } from './padding.js';

/** A request that was not answered, or not for all of its events. */
interface Open {
  readonly from: number;
  readonly events: number;
}

/**
 * One client that posts NDJSON, one request after the other: what is answered 200 must be kept for ever. Without keys each event is
 * sent once and never again: what is not answered may be there or not, but not twice. With keys (Idempotency-Key) what is not
 * answered is sent again to the process that comes next, until it is answered, and must be there once.
 */
export class HttpLoad {
  /** Numbers below which each was sent, and those of them that were acknowledged. */
  sent = 0;
  readonly acknowledged: [from: number, to: number][] = [];
  /** To be sent again; only with keys. */
  unanswered: Open[] = [];
  sentAgain = 0;
  readonly #client = new IngestClient();
  #stopped = false;

  constructor(
    readonly stream: number,
    private readonly port: number,
    private readonly random: Random,
    private readonly keyed: boolean,
  ) {}

  async run(): Promise<void> {
    while (!this.#stopped) {
      const events = this.random.pick([1, 3, 10, 20, 50, 100, 600]);
      const from = this.sent;
      this.sent += events;
      await this.#once({ from, events }, this.port);
      await delay(this.random.between(0, 12));
    }
    this.#client.destroy();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Sends what was not answered to the process at another port; resolves when that was tried. */
  async again(port: number): Promise<void> {
    for (const open of this.unanswered.splice(0)) {
      this.sentAgain++;
      await this.#once(open, port);
    }
  }

  async #once(open: Open, port: number): Promise<void> {
    const accepted = await this.#post(open, port);
    if (this.keyed && accepted < open.events) this.unanswered.push(open);
    else if (accepted > 0) this.acknowledged.push([open.from, open.from + accepted]);
  }

  /** How many events, from the first on, the answer says are durable. No answer: none is promised. */
  #post({ from, events }: Open, port: number): Promise<number> {
    let body = '';
    for (let n = from; n < from + events; n++)
      body += `{"message":"${keyText(this.stream, n)} ${padding(n, 120)}","host":{"name":"web-${n % 9}"}}\n`;
    return this.#client.post(port, body, this.keyed ? { 'idempotency-key': `${this.stream}-${from}` } : {});
  }
}
