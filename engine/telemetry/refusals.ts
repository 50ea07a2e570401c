/** What listeners turn away, in the log: one line a listener now and then, however much it is. */
import type { Logger } from 'pino';
import type { ListenerSpec } from '../contracts.js';
import { every } from '../every.js';

const lookMs = 1_000;
/** At most one line a listener in this time. */
const quietMs = 10_000;

/** Counters whose growth an operator has to know of, and what helps. */
const watched: Readonly<Record<string, string>> = {
  'connections_refused_total.limit': 'raise connections_max of the listener',
  'connections_refused_total.total': 'raise PENSTOCK_CONNECTIONS_TOTAL_MAX',
  'connections_refused_total.address': 'see address_connections_max of the listener',
  'connections_refused_total.descriptors': 'raise the limit of open files (ulimit -n, LimitNOFILE=)',
  'connections_refused_total.memory': 'raise PENSTOCK_MEMORY_MAX',
  'dropped_datagrams_total.rate': 'see rate_datagrams and rate_bytes of the listener',
  kernel_drops_total: 'raise receive_buffer_bytes of the listener, or the number of workers',
  connections_closed_memory_total: 'raise PENSTOCK_PARTIAL_BYTES_MAX',
};

export class RefusalWatch {
  readonly stop: () => void;
  readonly #said = new Map<number, { readonly counts: Readonly<Record<string, number>>; readonly atMs: number }>();

  constructor(
    private readonly listeners: () => readonly ListenerSpec[],
    private readonly read: (listener: number) => Readonly<Record<string, number>>,
    private readonly log: Logger,
  ) {
    this.stop = every(lookMs, () => this.look(performance.now()), false);
  }

  look(nowMs: number): void {
    for (const listener of this.listeners()) {
      const last = this.#said.get(listener.index);
      if (last && nowMs - last.atMs < quietMs) continue;
      const counts = this.read(listener.index);
      const grown = Object.keys(watched).filter((name) => (counts[name] ?? 0) > (last?.counts[name] ?? 0));
      if (grown.length === 0) continue;
      this.#said.set(listener.index, { counts, atMs: nowMs });
      const since = Object.fromEntries(grown.map((name) => [name, (counts[name] ?? 0) - (last?.counts[name] ?? 0)]));
      const remedies = [...new Set(grown.map((name) => watched[name]))].join('; ');
      this.log.warn({ listener: listener.url, since_last_said: since }, `senders were turned away: ${remedies}`);
    }
  }
}
