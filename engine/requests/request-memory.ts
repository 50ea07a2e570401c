/**
 * Requests known by their key. In memory while they are kept; on disk one record for every piece, written before the piece is
 * handed over and naming the chunk it becomes. Whether a piece was stored needs no record: the journal's commit records
 * tell up to which chunk of each ring they reach, in the same write that stores the events.
 */
import { createHash } from 'node:crypto';
import type { ChunkPlace, OpenRequest, RequestName, Requests, StoredRequest } from '../contracts.js';
import { FairShare } from '../fair-share.js';
import { keptMs, type RequestLog } from './request-log.js';
import { digestBytes, keyBytes, type RequestRecord } from './request-record.js';

/** What tells, at the start, whether a piece of an earlier run is in the journal. */
export type IsStored = (record: RequestRecord) => boolean;

export interface RequestMemoryOptions {
  /** null: nothing outlives the process. */
  readonly log: RequestLog | null;
  readonly boot: number;
  /** Ring of a worker, as commit records number it. */
  readonly ringOf: (worker: number) => number;
  readonly keysMax: number;
  readonly now?: () => number;
}

interface Entry {
  readonly digest: string;
  readonly pieces: number;
  timeMs: number;
  /** Pieces from the start that are stored, and the events in them. */
  stored: number;
  events: number;
  /** Resolves when the request that is under way has ended; null: none is. */
  running: Promise<void> | null;
  /** Of whose share it is; null: of none, where fewer may be remembered than an earlier run left. */
  readonly sender: string | null;
}

export class RequestMemory implements Requests {
  /** In the order in which they were begun. */
  readonly #entries = new Map<string, Entry>();
  readonly #options: RequestMemoryOptions;
  readonly #now: () => number;
  readonly #shares: FairShare;

  constructor(options: RequestMemoryOptions) {
    this.#options = options;
    this.#shares = new FairShare(options.keysMax, 1);
    this.#now = options.now ?? Date.now;
  }

  /** Takes up what earlier runs left. To be called before this run writes to the journal. */
  recover(isStored: IsStored): void {
    const { log } = this.#options;
    if (!log) return;
    const nowMs = this.#now();
    const kept = recovered(log.read(nowMs), isStored);
    log.replace(kept, nowMs);
    for (const record of kept)
      this.#entries.set(record.key, {
        digest: record.digest,
        pieces: record.pieces,
        timeMs: record.timeMs,
        stored: record.piece,
        events: record.events,
        running: null,
        // Records do not tell whose they were: each is one of a sender of its own.
        sender: this.#shares.take(1, record.key) ? record.key : null,
      });
  }

  close(): void {
    this.#options.log?.close();
  }

  /** Keys remembered now. */
  get size(): number {
    return this.#entries.size;
  }

  async begin(
    { scope, key, sender }: RequestName,
    digest: Uint8Array,
    pieces: number,
  ): Promise<OpenRequest | StoredRequest> {
    const name = createHash('sha256')
      .update(`${scope}\0${key}`)
      .digest('hex')
      .slice(0, 2 * keyBytes);
    const digestText = Buffer.from(digest.subarray(0, digestBytes)).toString('hex');
    for (;;) {
      this.#forgetOld();
      const known = this.#entries.get(name);
      if (known && (known.digest !== digestText || known.pieces !== pieces)) return { state: 'conflict', events: 0 };
      if (known?.running) {
        await known.running;
        continue;
      }
      if (known && known.stored === known.pieces) return { state: 'stored', events: known.events };
      if (!known && !this.#shares.take(1, sender)) return { state: 'full', events: 0 };
      const entry = known ?? { digest: digestText, pieces, timeMs: 0, stored: 0, events: 0, running: null, sender };
      return this.#open(name, entry);
    }
  }

  #open(name: string, entry: Entry): OpenRequest {
    let end = () => {};
    entry.timeMs = this.#now();
    entry.running = new Promise((resolve) => {
      end = resolve;
    });
    this.#entries.delete(name); // to the end: the order is that of time
    this.#entries.set(name, entry);
    const { log, boot, ringOf } = this.#options;
    const underWay: number[] = [];
    let piece = entry.stored;
    return {
      state: 'open',
      pieces: entry.stored,
      events: entry.events,
      before: (events: number, { worker, chunk }: ChunkPlace) => {
        const { digest, pieces, timeMs } = entry;
        const place = { boot, lane: worker, ring: ringOf(worker), chunk };
        log?.append({ type: 'piece', key: name, digest, timeMs, pieces, piece, events, ...place });
        piece++;
        underWay.push(events);
      },
      stored: () => {
        entry.stored++;
        entry.events += underWay.shift() ?? 0;
      },
      durable: () => log?.sync() ?? Promise.resolve(),
      end: () => {
        entry.running = null;
        // What nothing is stored of is as if it had never been.
        if (entry.stored === 0 && entry.pieces > 0) this.#forget(name, entry);
        end();
      },
    };
  }

  #forgetOld(): void {
    const oldest = this.#now() - keptMs;
    for (const [name, entry] of this.#entries) {
      if (entry.timeMs > oldest || entry.running) break;
      this.#forget(name, entry);
    }
  }

  #forget(name: string, { sender }: Entry): void {
    this.#entries.delete(name);
    if (sender !== null) this.#shares.give(1, sender);
  }
}

/** One record for each key of which something is stored. Pieces count from the first as far as none is missing. */
function recovered(records: readonly RequestRecord[], isStored: IsStored): RequestRecord[] {
  const byKey = new Map<string, { last: RequestRecord; base: RequestRecord | null; events: Map<number, number> }>();
  for (const record of records) {
    const known = byKey.get(record.key);
    const one = known && known.last.digest === record.digest ? known : { last: record, base: null, events: new Map() };
    one.last = record;
    if (record.type === 'stored') one.base = record;
    else if (isStored(record)) one.events.set(record.piece, record.events);
    byKey.set(record.key, one);
  }
  return [...byKey.values()].flatMap(({ last, base, events }) => {
    let piece = base?.piece ?? 0;
    let total = base?.events ?? 0;
    for (; events.has(piece); piece++) total += events.get(piece) as number;
    const none = { boot: 0, lane: 0, ring: 0, chunk: 0 };
    return piece === 0 && last.pieces > 0 ? [] : [{ ...last, ...none, type: 'stored' as const, piece, events: total }];
  });
}
