/** Requests over kept-alive connections, in a closed loop (the most the far side answers) or at a rate, whatever it answers. */
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export class HttpSender {
  readonly #agent: Agent;
  #next = 0;

  constructor(
    readonly to: string,
    readonly connections: number,
    readonly bodies: readonly Buffer[],
  ) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Every connection sends again when it is answered; requests a second. */
  async asFastAsAnswered(seconds: number): Promise<number> {
    const started = performance.now();
    let answered = 0;
    const loop = async () => {
      while (performance.now() - started < seconds * 1000) {
        await this.#send();
        answered++;
      }
    };
    await Promise.all(Array.from({ length: this.connections }, loop));
    return answered / ((performance.now() - started) / 1000);
  }

  /** Requests due at even distances; ascending times in ms, each from when the request was due to its answer. */
  async atRate(perSecond: number, seconds: number): Promise<{ times: number[]; perSecond: number }> {
    const started = performance.now();
    const times: number[] = [];
    const sent: Promise<void>[] = [];
    const total = Math.round(perSecond * seconds);
    while (sent.length < total) {
      const now = performance.now();
      for (let due = 0; due <= now && sent.length < total; ) {
        due = started + (sent.length * 1000) / perSecond;
        if (due > now) break;
        const since = due;
        sent.push(this.#send().then(() => void times.push(performance.now() - since)));
      }
      await delay(1);
    }
    await Promise.all(sent);
    return { times: times.sort((a, b) => a - b), perSecond: total / ((performance.now() - started) / 1000) };
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Until it is taken: "later" (429, 503) is sent again. Rejects on any other answer that is not 2xx. */
  async #send(): Promise<void> {
    const body = this.bodies[this.#next++ % this.bodies.length] as Buffer;
    for (;;) {
      const status = await this.#post(body);
      if (status >= 200 && status <= 299) return;
      if (status !== 429 && status !== 503) throw new Error(`POST ${this.to}: ${status}`);
      await delay(1);
    }
  }

  #post(body: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'text/plain', 'content-length': body.length };
      const asked = request(this.to, { method: 'POST', agent: this.#agent, headers }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }
}
