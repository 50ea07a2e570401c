/** Says in the log, while there is time, that the certificate of a listener stops being valid: from then on senders that verify it stay away. */
import type { Logger } from 'pino';
import type { ListenerSpec, Source } from './contracts.js';
import { every } from './every.js';

const lookMs = 3_600_000;
const dayMs = 86_400_000;
/** Said once at each of these, and when the time has come. */
const daysLeft = [30, 14, 7, 3, 1, 0];

export interface WatchedListener {
  readonly spec: ListenerSpec;
  readonly source: Source;
}

export class CertificateWatch {
  readonly #log: Logger;
  readonly #open: () => readonly WatchedListener[];
  /** What was said last, by URL: a renewed certificate is another one. */
  readonly #said = new Map<string, string>();
  #end = (): void => {};

  /** @param open the listeners that are open now */
  constructor(log: Logger, open: () => readonly WatchedListener[]) {
    this.#log = log;
    this.#open = open;
  }

  /** Looks now, and every hour from now on. */
  look(now = Date.now()): void {
    this.#end();
    this.#end = every(lookMs, () => this.#say(Date.now()), false);
    this.#say(now);
  }

  stop(): void {
    this.#end();
  }

  #say(now: number): void {
    for (const { spec, source } of this.#open()) {
      const endsMs = source.certificateEndsMs?.();
      if (endsMs === undefined) continue;
      const days = daysLeft.findLast((days) => endsMs - now <= days * dayMs);
      const news = days === undefined ? '' : `${endsMs} ${days}`;
      if (this.#said.get(spec.url) === news) continue;
      this.#said.set(spec.url, news);
      if (days === undefined) continue;
      const certificate = spec.options.certificate;
      const date = new Date(endsMs).toISOString().slice(0, 10);
      const remedy = `put a new one into ${certificate} and send SIGHUP, or reload otherwise`;
      if (days === 0)
        this.#log.error(
          { listener: spec.url, certificate, remedy },
          `the certificate of ${spec.url} is not valid since ${date}: senders that verify it cannot connect`,
        );
      else
        this.#log.warn({ listener: spec.url, certificate, remedy }, `the certificate of ${spec.url} ends on ${date}`);
    }
  }
}
