import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { keyText } from '../crash/event-keys.js';
import { padding } from '../crash/padding.js';

const perRequest = 100;
const tickMs = 20;

/** Numbered events over HTTP at a rate, each sent once. */
export class HttpLine {
  /** Events sent, numbered from 0; all acknowledged unless requests were refused. */
  sent = 0;
  refused = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(private readonly port: number) {}

  /** Sends for a while; answers how many events were sent once all of them are answered. */
  async send(eventsPerSecond: number, durationMs: number): Promise<number> {
    const from = this.sent;
    const started = Date.now();
    const answers: Promise<void>[] = [];
    for (let elapsed = 0; elapsed < durationMs; elapsed = Date.now() - started) {
      while (this.sent - from < (eventsPerSecond * elapsed) / 1000) answers.push(this.#post());
      await delay(tickMs);
    }
    await Promise.all(answers);
    return this.sent - from;
  }

  #post(): Promise<void> {
    let body = '';
    for (let i = 0; i < perRequest; i++, this.sent++)
      body += `{"message":"${keyText(0, this.sent)} ${padding(this.sent, 120)}"}\n`;
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
        if (response.statusCode !== 200) this.refused++;
        response.resume();
        response.on('close', resolve);
      });
      post.on('error', () => {
        this.refused++;
        resolve();
      });
      post.end(body);
    });
  }
}
