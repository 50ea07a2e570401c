/**
 * Composition and lifecycle: memory, workers, journal, sinks, listeners, admin; in that order up, in reverse down.
 * Knows every stage and no protocol.
 */
import type { Logger } from 'pino';
import type { ListenerPlan, PipelinePlan } from '../native/pipeline.js';
import { totalMark } from '../workers/mark.js';
import { WorkerPool } from '../workers/pool.js';
import { AdminServer } from './admin/server.js';
import { sinkStates } from './admin/sink-states.js';
import { Batching } from './batching.js';
import { compressionReadings } from './compression-readings.js';
import { listenersMax } from './config/listeners.js';
import type { Settings } from './config/settings.js';
import type { Sink, SourceContext } from './contracts.js';
import { Breakers } from './deliver/breakers.js';
import type { DeadLetterForwarder } from './deliver/dead-letter-forwarder.js';
import { Deliveries } from './deliver/deliveries.js';
import { type Dictionaries, openDictionaries } from './dictionaries/open-dictionaries.js';
import { counterNames } from './formats/load.js';
import { unparsedReport } from './formats/unparsed.js';
import { Intake } from './intake.js';
import type { Journal } from './journal/journal.js';
import { JournalWatch } from './journal-watch.js';
import { ListenerSlots } from './listener-slots.js';
import { describeChange, Listeners, type SlotCounters } from './listeners.js';
import { makeForwarder } from './make-forwarder.js';
import { createMemory, type EngineMemory, ringReadings } from './memory.js';
import { openJournal } from './open-journal.js';
import { openRequests } from './open-requests.js';
import type { EngineReadings, LedgerReadings } from './readings.js';
import { type ReloadFigures, refuse } from './reload.js';
import type { RequestMemory } from './requests/request-memory.js';
import { Schemas } from './schemas/schemas.js';
import { sinkReadings } from './sink-readings.js';
import { compareSinks, createSink, partitionsFor, sinkChangeProblems, sinksNeedJournal } from './sinks.js';
import { LatencyHistograms } from './telemetry/latency.js';
import { type Ledger, ledger } from './telemetry/ledger.js';
import { LedgerWatch } from './telemetry/ledger-watch.js';
import { renderMetrics } from './telemetry/metrics.js';
import {
  type PipelineFigures,
  readListenerEvents,
  readPipelineFigures,
  readPipelineTotal,
} from './telemetry/pipeline-figures.js';
import type { QueueWatch } from './telemetry/queue-watch.js';
import { Understanding } from './understanding.js';
import { version } from './version.js';
import { watchQueues } from './watch-queues.js';
import { workerPlans } from './worker-plans.js';

/** What a removed sink has in flight may be acknowledged for so long; the rest waits in the journal. */
const removedSinkDeadlineMs = 5_000;

export interface StopReport {
  readonly ledger: Ledger;
  /** Events of this run that the journal still holds for a sink: delivered on the next start. */
  readonly leftInJournal: number;
}

export interface Engine {
  /** Bound listeners: URL as configured, and the port. */
  readonly listeners: readonly { readonly url: string; readonly port: number }[];
  readonly adminPort: number | null;
  /** The settings in effect. */
  readonly settings: Settings;
  /** What reloads came to: shown among the metrics. */
  reloads: ReloadFigures | null;
  readings(): EngineReadings;
  /**
   * Listeners and sinks become what `settings` say, while events flow; what is configured as before is not touched. Rejects with
   * an OperatingError when something cannot be opened; everything is as before then. One call at a time. Resolves with whether files (format
   * packs, schemas, what enriches events) are others than before.
   */
  apply(settings: Settings): Promise<boolean>;
  /** Stops receiving, drains, delivers, flushes. */
  stop(deadlineMs: number): Promise<StopReport>;
}

/** What only measuring asks for. */
export interface EngineProbes {
  /** Where workers stop; what lies behind is never reached, and nothing is delivered. */
  readonly lastStage?: PipelinePlan['lastStage'];
}

/** Resolves when everything listens; rejects with an OperatingError, having closed what was open. */
export async function startEngine(settings: Settings, log: Logger, probes: EngineProbes = {}): Promise<Engine> {
  const run = new EngineRun(settings, log, probes);
  try {
    await run.start();
  } catch (error) {
    await run.abandon();
    throw error;
  }
  return run;
}

class EngineRun implements Engine {
  readonly #startedMs = Date.now();
  readonly #memory: EngineMemory;
  readonly #understanding: Understanding;
  readonly #journal: Journal | null;
  readonly #schemas: Schemas;
  readonly #breakers: Breakers;
  readonly #forwarder: DeadLetterForwarder | null;
  #sinks: readonly Sink[];
  readonly #deliveries: Deliveries | null;
  readonly #latency = new LatencyHistograms();
  readonly #batching: Batching;
  /** Shared with who keeps to it. */
  readonly #deadLetterLimit: { bytesMax: number; whenFull: Settings['deadLetterWhenFull'] };
  readonly #journalWatch: JournalWatch;
  readonly #queues: QueueWatch;
  readonly #intake: Intake;
  readonly #requests: RequestMemory;
  readonly #ledger: LedgerWatch;
  #pool: WorkerPool | null = null;
  readonly #listeners: Listeners;
  readonly #dictionaries: Dictionaries | null;
  #admin: AdminServer | null = null;
  #state: EngineReadings['state'] = 'starting';
  adminPort: number | null = null;
  reloads: ReloadFigures | null = null;

  constructor(
    public settings: Settings,
    readonly log: Logger,
    readonly probes: EngineProbes,
  ) {
    this.#understanding = new Understanding(settings, log, async (change) => (await this.#pool?.change(change)) ?? []);
    this.#memory = createMemory(settings);
    this.#batching = new Batching(settings, this.#memory.controls);
    this.#deadLetterLimit = { bytesMax: settings.deadLetterBytesMax, whenFull: settings.deadLetterWhenFull };
    this.#journal = sinksNeedJournal(settings.sinks) ? openJournal(settings, log) : null;
    this.#schemas = new Schemas(settings, log);
    this.#breakers = new Breakers(
      { failures: settings.breakerFailures, afterMs: settings.breakerAfterMs, probeMs: settings.breakerProbeMs },
      log,
      () => this.#deliveries?.notify(),
    );
    this.#sinks = settings.sinks.map((spec) => createSink(spec, settings, log, this.#breakers.of(spec.id)));
    this.#deliveries = this.#journal
      ? new Deliveries({
          journal: this.#journal,
          sinks: this.#sinks,
          log,
          breakerOf: (sinkId) => this.#breakers.of(sinkId),
          removedKeepMs: settings.removedSinkKeepMs,
          deadLetterLimit: this.#deadLetterLimit,
          onDelivered: ({ spec }, batch, ackMs) => {
            this.#latency.delivered(spec.id, batch, ackMs);
            this.#batching.delivered(spec.id, batch, ackMs);
          },
          alsoNeeds: (lane) => this.#ledger.needs(lane),
        })
      : null;
    this.#journalWatch = new JournalWatch({
      journal: this.#journal,
      whenFull: settings.journalWhenFull,
      log,
      ageMsMax: settings.journalAgeMsMax,
      hold: (how) => this.#pool?.hold(how),
      drop: (segments) => this.#deliveries?.drop(segments) ?? new Map(),
      total: (name) => readPipelineTotal(this.#memory.pipelineStats, name),
    });
    this.#queues = watchQueues({
      settings: () => this.settings,
      memory: this.#memory,
      journal: this.#journal,
      sinks: () => this.#sinks,
      inFlightBytes: (sinkId) => this.#deliveries?.delivery(sinkId)?.inFlightBytes ?? 0,
      log,
    });
    this.#forwarder = makeForwarder(settings, this.#journal, this.#breakers, log);
    this.#intake = new Intake(settings, this.#memory, log);
    this.#requests = openRequests(settings, this.#journal);
    const context: SourceContext = {
      log,
      receivers: this.#intake.receivers,
      feeder: this.#intake.feeder,
      ready: () => this.#state === 'running' && this.#journalWatch.takes,
      limits: settings,
      admission: this.#intake.admission,
      requests: this.#requests,
      writerSchemas: this.#schemas.writers ?? undefined,
    };
    const slots = new ListenerSlots(listenersMax, this.#memory.rings.flat());
    this.#listeners = new Listeners(slots, context, (slot) => this.#slotCounters(slot));
    this.#intake.listeners = () => this.#listeners.open.map(({ spec }) => spec);
    this.#ledger = this.#watchLedger();
    this.#dictionaries = openDictionaries(settings, log, {
      sinks: () => this.#sinks,
      listeners: () => this.#listeners.open,
      tell: async (dictionaries) => this.#pool?.change({ dictionaries }),
    });
  }

  get listeners(): { url: string; port: number }[] {
    return this.#listeners.open.map(({ spec, port }) => ({ url: spec.url, port }));
  }

  async start(): Promise<void> {
    const { settings, log } = this;
    const change = this.#listeners.prepare(settings);
    this.#ledger.start();
    this.#forwarder?.start();
    this.#deliveries?.start((error) => log.fatal({ err: error }, 'a sink cannot work as configured'));
    await this.#startAdmin();
    await this.#schemas.start();
    await this.#understanding.open(settings);
    this.#pool = await this.#startWorkers(change.plans);
    this.#journalWatch.start();
    this.#queues.start();
    this.#understanding.watch(settings);
    await this.#listeners.apply(change);
    void this.#dictionaries?.start();
    this.#state = 'running';
  }

  async apply(settings: Settings): Promise<boolean> {
    const { log } = this;
    const knowledge = await this.#understanding.read(settings);
    const sinks = compareSinks(this.#sinks, settings.sinks);
    refuse([...sinkChangeProblems(sinks, settings, this.#deliveries !== null), ...this.#limitProblems(settings)]);
    const added = sinks.added.map((spec) => createSink(spec, settings, log, this.#breakers.of(spec.id)));
    const listeners = this.#listeners.prepare(settings);
    if (settings.priority.length > 0) this.#deliveries?.prioritise();
    const { marks, changed } = await this.#understanding.take(knowledge, this.#listeners, listeners);
    if (listeners.added.length + listeners.removed.length > 0)
      log.info(describeChange(listeners), 'listeners taken over');
    // From here on nothing can fail.
    for (const { spec } of sinks.removed) this.#ledger.remove(spec.id);
    const comesAgain = (id: string) => added.some(({ spec }) => spec.id === id);
    await Promise.all(
      sinks.removed.map(({ spec: { id } }) => this.#deliveries?.remove(id, removedSinkDeadlineMs, comesAgain(id))),
    );
    for (const { spec } of sinks.removed) {
      this.#breakers.renew(spec.id);
      this.#batching.forget(spec.id);
    }
    // A sink that comes again with other settings got events until it went: what it had is not received for it once more.
    const now = added.length > 0 ? await this.#pool?.change({}).catch(() => marks) : marks;
    const since = totalMark(now ?? marks);
    for (const sink of added) {
      this.#deliveries?.add(sink, since.committedEvents);
      this.#ledger.add(sink.spec.id, since);
    }
    this.#sinks = [...this.#sinks.filter((sink) => !sinks.removed.includes(sink)), ...added];
    this.#schemas.take(sinks.added);
    const ids = (list: readonly Sink[]) => list.map(({ spec }) => spec.id);
    if (added.length + sinks.removed.length > 0)
      log.info({ added: ids(added), removed: ids(sinks.removed) }, 'sinks taken over');
    this.#takeLimits(settings);
    this.settings = settings;
    void this.#dictionaries?.refresh();
    return changed;
  }

  #limitProblems({ journalBytesMax }: Settings): string[] {
    return this.#journal && journalBytesMax < this.#journal.bytesMax
      ? ['PENSTOCK_JOURNAL_BYTES_MAX can be raised while the process runs, and not lowered']
      : [];
  }

  #takeLimits(settings: Settings): void {
    const { breakerFailures, breakerAfterMs, breakerProbeMs, journalWhenFull, journalAgeMsMax } = settings;
    this.#batching.take(settings);
    this.#breakers.take({ failures: breakerFailures, afterMs: breakerAfterMs, probeMs: breakerProbeMs });
    this.#journal?.raise(settings.journalBytesMax);
    this.#journalWatch.take({ whenFull: journalWhenFull, ageMsMax: journalAgeMsMax });
    this.#deadLetterLimit.bytesMax = settings.deadLetterBytesMax;
    this.#deadLetterLimit.whenFull = settings.deadLetterWhenFull;
  }

  async stop(deadlineMs: number): Promise<StopReport> {
    const until = performance.now() + deadlineMs;
    const left = () => Math.max(0, until - performance.now());
    this.#state = 'draining';
    this.#dictionaries?.stop();
    this.#intake.release();
    await this.#listeners.closeWithin(left() / 2, this.log);
    this.#intake.stop();
    await this.#pool?.stop(left());
    this.#understanding.stop();
    this.#journalWatch.stop();
    this.#queues.stop();
    await this.#deliveries?.drain(left());
    await this.#deliveries?.stop(left());
    await this.#forwarder?.stop(left());
    this.#ledger.finish();
    const book = ledger(this.readings());
    await this.abandon();
    return { ledger: book, leftInJournal: Math.max(0, ...book.sinks.map((sink) => sink.inJournal + sink.inFlight)) };
  }

  /** Closes whatever is open, without waiting for deliveries. */
  async abandon(): Promise<void> {
    this.#understanding.stop();
    this.#journalWatch.stop();
    this.#queues.stop();
    if (this.#state !== 'draining') {
      await this.#listeners.close();
      this.#intake.stop();
      await this.#pool?.stop(0);
      await this.#deliveries?.stop(0);
      await this.#forwarder?.stop(0);
    }
    this.#state = 'stopped';
    this.#schemas.stop();
    this.#ledger.close();
    await this.#admin?.close();
    this.#requests.close();
    this.#journal?.close();
  }

  readings(): EngineReadings {
    return {
      ...this.#ledgerReadings(),
      state: this.#state,
      startedMs: this.#startedMs,
      reloads: this.reloads,
      batching: this.#batching.readings(),
      compression: compressionReadings(this.settings, this.#memory, this.#listeners, this.#dictionaries),
      packNames: counterNames(),
      enrichment: this.#understanding.readings(),
      schemas: this.#schemas.readings(),
      queues: this.#queues.readings(),
      memory: this.#intake.memoryFigures(),
      requestKeys: this.#requests.size,
      workers: this.settings.workers,
      workerRestarts: this.#pool?.restarts ?? 0,
      laneErrors: this.#journalWatch.laneErrors,
      journalFull: this.#journalWatch.full,
      removedSinks: this.#deliveries?.removedHeld ?? 0,
      ledger: this.#ledger.state,
    };
  }

  /** The part that is asked for once a second, also while nothing comes. */
  #ledgerReadings(): LedgerReadings {
    const deliveryFigures = this.#deliveries?.figures();
    const pipeline = this.#pipelineFigures();
    return {
      listeners: this.#listeners.readings(),
      formerListeners: this.#listeners.former(),
      pipeline,
      rings: ringReadings(this.#memory, this.settings.ringBytes),
      journal: this.#journal?.figures() ?? null,
      sinks: this.#sinks.map((sink) =>
        sinkReadings(sink, this.#breakers.of(sink.spec.id), {
          delivery: deliveryFigures?.get(sink.spec.id) ?? null,
          committedEvents: pipeline.totals.events_committed ?? 0,
          forwardedEvents: this.#forwarder?.forwarded(sink.spec.id) ?? null,
        }),
      ),
    };
  }

  #watchLedger(): LedgerWatch {
    const journal = this.#journal;
    return new LedgerWatch(
      {
        readings: () => this.#ledgerReadings(),
        log: this.log,
        journal: journal && {
          directory: journal.directory,
          endOfEarlierRuns: (lane) => journal.endOfEarlierRuns(lane),
          places: (sinkId) => this.#deliveries?.delivery(sinkId)?.places() ?? [],
          passed: (sinkId) => this.#deliveries?.delivery(sinkId)?.passed() ?? 0,
        },
      },
      this.#sinks.map((sink) => sink.spec.id),
    );
  }

  #pipelineFigures(): PipelineFigures {
    return readPipelineFigures(this.#memory.pipelineStats, listenersMax);
  }

  #slotCounters(slot: number): SlotCounters {
    return { ...readListenerEvents(this.#memory.pipelineStats, slot), figures: this.#intake.listenerFigures(slot) };
  }

  async #startWorkers(listeners: readonly ListenerPlan[]): Promise<WorkerPool> {
    const { settings, log } = this;
    const journal = this.#journal;
    const pool = new WorkerPool(
      workerPlans({
        settings,
        memory: this.#memory,
        ...this.#understanding.plans(listeners),
        identity: { node: journal?.identity.node ?? 0, boot: journal?.boot ?? Math.floor(this.#startedMs / 1000) },
        partitions: settings.partitioning === 'sticky' ? 0 : await partitionsFor(this.#sinks, settings, log),
        schema: this.#schemas,
        lane: (worker) => journal?.lanePlan(worker) ?? null,
        ...this.probes,
      }),
      {
        committed: () => this.#deliveries?.notify(),
        samples: (samples) => void this.#dictionaries?.offer(samples),
        laneState: (worker, errno) => this.#journalWatch.laneState(worker, errno),
      },
      log,
    );
    pool.start();
    return pool;
  }

  async #startAdmin(): Promise<void> {
    if (!this.settings.admin) return;
    this.#admin = new AdminServer({
      metrics: () => renderMetrics(this.readings(), this.#latency, version),
      notReady: () => this.#notReady(),
      compression: () => this.readings().compression,
      unparsed: (most) => unparsedReport(this.#memory.pipelineStats, most),
      sinks: () => sinkStates(this.readings()),
    });
    const { host, port, names } = this.settings.admin;
    this.adminPort = await this.#admin.listen(host, port, names);
  }

  #notReady(): string[] {
    const reasons: string[] = [];
    const { waitsFor } = this.#schemas;
    if (this.#state !== 'running') reasons.push(`the engine is ${this.#state}${waitsFor && `, waits for ${waitsFor}`}`);
    reasons.push(...this.#journalWatch.notReady());
    // A sink that is down is no reason to refuse events while the journal takes them; it is shown in the metrics.
    return reasons;
  }
}
