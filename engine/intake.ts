/**
 * What receives: native receiver threads, the feeder, and their counters.
 */
import type { Logger } from 'pino';
import { connectionDescriptorsMax } from '../native/io.js';
import { listenersMax } from './config/listeners.js';
import type { Settings } from './config/settings.js';
import type { Admission, ListenerSpec } from './contracts.js';
import type { EngineMemory } from './memory.js';
import { type MemoryFigures, MemoryWatch } from './memory-watch.js';
import { RingFeeder } from './ring/feeder.js';
import { IoStats } from './ring/io-stats.js';
import { NativeReceivers } from './ring/receivers.js';
import { RefusalWatch } from './telemetry/refusals.js';

export class Intake {
  readonly receivers: NativeReceivers;
  readonly feeder: RingFeeder;
  readonly admission: Admission;
  /** Those open now, for what is said of them. */
  listeners: () => readonly ListenerSpec[] = () => [];
  readonly #stats: IoStats;
  readonly #watch: RefusalWatch;
  readonly #memory: MemoryWatch;

  /** Starts the threads. @throws OperatingError */
  constructor(settings: Settings, memory: EngineMemory, log: Logger) {
    const { messageBytesMax, partialBytesMax } = settings;
    const { doorbells } = memory;
    const stats = new IoStats(memory.rings.length, listenersMax);
    const shared = { listeners: listenersMax, messageBytesMax, doorbells, stats };
    const pin = settings.cpuPin.slice(0, settings.receivers);
    this.#stats = stats;
    const connectionsMax = settings.connectionsTotalMax;
    this.receivers = new NativeReceivers({
      ...shared,
      rings: memory.rings.slice(0, -1),
      pin,
      connectionsMax,
      partialBytesMax,
    });
    this.feeder = new RingFeeder({ ...shared, rings: memory.rings.at(-1) ?? [] });
    this.admission = {
      descriptorsMax: connectionDescriptorsMax(),
      connectionsFull: () => connectionsMax > 0 && stats.total('connections_open') >= connectionsMax,
      memoryFull: () => this.#memory.full,
    };
    this.#memory = new MemoryWatch(residentBytesMax(settings), log, (full) => this.receivers.hold(full));
    this.#watch = new RefusalWatch(
      () => this.listeners(),
      (index) => stats.read(index),
      log,
    );
  }

  /** Counters of a listener; names without prefix, units last. */
  listenerFigures(listener: number): Readonly<Record<string, number>> {
    return this.#stats.read(listener);
  }

  memoryFigures(): MemoryFigures {
    return this.#memory.figures();
  }

  /** What waits is let in: to be called before listeners are closed, which hand over what has arrived. */
  release(): void {
    this.#memory.stop();
  }

  /** Ends the threads; the listeners are closed by now. */
  stop(): void {
    this.#watch.stop();
    this.#memory.stop();
    this.receivers.stop();
    this.feeder.stop();
  }
}

/** What the journal may keep in memory is no part of the resident set: it has no mapping. */
function residentBytesMax({ memoryMax, durability, journalMemoryBytes }: Settings): number {
  return memoryMax > 0 && durability === 'memory' ? memoryMax - journalMemoryBytes : memoryMax;
}
