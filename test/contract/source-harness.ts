/** A source with its rings and nothing behind them: what arrives is taken out and looked at. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import type { ListenerSpec, Source, SourceContext, SourceType } from '../../engine/contracts.js';
import { RequestMemory } from '../../engine/requests/request-memory.js';
import { RingFeeder } from '../../engine/ring/feeder.js';
import { IoStats } from '../../engine/ring/io-stats.js';
import { NativeReceivers } from '../../engine/ring/receivers.js';
import { createDoorbell, createRing } from '../../engine/ring/rings.js';
import { connectionDescriptorsMax, createRingInspector } from '../../native/io.js';
import { patienceMs } from '../support/until.js';

export const messageBytesMax = 8192;

export interface HarnessSettings {
  readonly ringBytes?: number;
  readonly host?: string;
  /** Of the source's schemes; default: the first. */
  readonly scheme?: string;
  readonly limits?: Partial<SourceContext['limits']>;
  /** Connections of the process. */
  readonly connectionsMax?: number;
}

export class SourceHarness {
  readonly stats = new IoStats(2, 1);
  readonly frames: Buffer[] = [];
  /** Sender addresses that chunks named. */
  readonly peers = new Set<string>();
  readonly source: Source;
  port = 0;
  #closed = false;
  #hold = false;
  readonly #receivers: NativeReceivers;
  readonly #feeder: RingFeeder;
  readonly #inspectors;
  readonly #alive = setInterval(() => undefined, 1000);

  constructor(type: SourceType, options: ListenerSpec['options'], settings: HarnessSettings = {}) {
    const { connectionsMax = 0, ringBytes = 1 << 18, host = '127.0.0.1', scheme = type.schemes[0] ?? '' } = settings;
    const rings = [0, 1].map(() => [0, 1].map(() => createRing(ringBytes)));
    const doorbells = [createDoorbell(), createDoorbell()];
    const shared = { listeners: 1, messageBytesMax, doorbells, stats: this.stats };
    this.#receivers = new NativeReceivers({ ...shared, rings: rings.slice(0, 1), connectionsMax });
    this.#feeder = new RingFeeder({ ...shared, rings: rings[1] ?? [] });
    this.#inspectors = rings.flat().map(createRingInspector);
    const listener = { index: 0, url: `${scheme}://${host}:0`, scheme, host, port: 0, options };
    this.source = type.create(listener, {
      log: pino({ level: 'silent' }),
      receivers: this.#receivers,
      feeder: this.#feeder,
      ready: () => true,
      limits: { messageBytesMax, ...settings.limits },
      requests: new RequestMemory({ log: null, boot: 1, ringOf: (worker) => worker, keysMax: 1000 }),
      admission: {
        descriptorsMax: connectionDescriptorsMax(),
        connectionsFull: () => connectionsMax > 0 && this.stats.total('connections_open') >= connectionsMax,
        memoryFull: () => this.#hold,
      },
    });
  }

  async start(): Promise<void> {
    this.port = await this.source.start();
  }

  /** As if the process held too much memory. */
  hold(on: boolean): void {
    this.#hold = on;
    this.#receivers.hold(on);
  }

  count(name: string): number {
    return this.stats.value(0, name);
  }

  /** Takes what is in the rings. */
  take(chunksMax = Number.POSITIVE_INFINITY): void {
    for (const inspector of this.#inspectors) {
      for (let i = 0; i < chunksMax; i++) {
        const chunk = inspector.next();
        if (chunk === null) break;
        this.frames.push(...chunk.frames);
        if (chunk.peer !== '') this.peers.add(chunk.peer);
      }
      inspector.release();
    }
  }

  /** Takes until `done`. */
  async until(done: () => boolean, chunksMax = Number.POSITIVE_INFINITY): Promise<void> {
    for (const limit = Date.now() + patienceMs; !done(); await delay(1)) {
      assert.ok(
        Date.now() < limit,
        `timed out with ${this.frames.length} frames: ${JSON.stringify(this.stats.read(0))}`,
      );
      this.take(chunksMax);
    }
  }

  /** Stops the source, taking what it hands over meanwhile. */
  async close(): Promise<void> {
    this.#closed = true;
    let stopped = false;
    const stopping = this.source.stop().then(() => {
      stopped = true;
    });
    await this.until(() => stopped);
    await stopping;
    this.take();
  }

  async stop(): Promise<void> {
    if (!this.#closed) await this.close();
    this.#receivers.stop();
    this.#feeder.stop();
    clearInterval(this.#alive);
  }
}
