/**
 * The open listeners, and how they become others: all that a new configuration asks for, or as before.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { sourceTypes } from '../adapters/index.js';
import type { ListenerPlan } from '../native/pipeline.js';
import { CertificateWatch } from './certificate-watch.js';
import { transportOf } from './config/listeners.js';
import { priorityTable } from './config/priority.js';
import type { Settings } from './config/settings.js';
import { utcOffsetSeconds as offsetOf } from './config/time-zone.js';
import type { ListenerSpec, Source, SourceContext, SourceType } from './contracts.js';
import { OperatingError } from './errors.js';
import type { ListenerSlots } from './listener-slots.js';
import type { ListenerReading } from './readings.js';

export interface OpenListener {
  /** Its index is its slot. */
  readonly spec: ListenerSpec;
  readonly source: Source;
  /** The port bound: the configured one, or the one chosen for port 0. */
  readonly port: number;
}

/** How long a change waits for what the connections of a listener that goes have sent. */
const handOverMsMax = 5000;

/** Counters of one slot since the process started; names without prefix. */
export type SlotCounters = Omit<ListenerReading, 'spec' | 'port' | 'certificateEndsMs'>;

interface Prepared {
  readonly spec: ListenerSpec;
  readonly source: Source;
}

/** A change that is checked as far as can be without touching what is open. */
export interface ListenerChange {
  /** What the workers must know before it is applied, by slot. */
  readonly plans: readonly ListenerPlan[];
  /** With the values of live options that they are to have. */
  readonly kept: readonly OpenListener[];
  readonly removed: readonly OpenListener[];
  readonly added: readonly Prepared[];
  /** Puts certificates of those kept in force that were read again, and live options that changed. */
  readonly refresh: readonly (() => void)[];
  /** Of those kept, the ones whose live options changed. */
  readonly retuned: readonly OpenListener[];
}

export class Listeners {
  #open: readonly OpenListener[] = [];
  #plans: readonly ListenerPlan[] = [];
  /** Counters of a slot when its present listener took it over. */
  readonly #before = new Map<number, SlotCounters>();
  /** Closed, in slots not yet used again: what they read may still be on its way. */
  readonly #closed = new Map<number, OpenListener>();
  /** Closed, in slots that others have now: by scheme. */
  readonly #gone = new Map<string, ListenerReading>();
  /** Being closed: they still hand over what their connections have sent. */
  readonly #leaving = new Map<OpenListener, Promise<void>>();
  /** Opened by the change under way, which may yet fail. */
  #opening: readonly OpenListener[] = [];
  /** Closed by a change that failed, and to be opened again. */
  readonly #away = new Set<OpenListener>();
  /** Until all that are being opened again are, one after another. */
  #reopening: Promise<void> = Promise.resolve();
  /** The process ends: nothing is opened any more. */
  #ending = false;
  readonly #certificates: CertificateWatch;

  constructor(
    readonly slots: ListenerSlots,
    readonly context: SourceContext,
    readonly counters: (slot: number) => SlotCounters,
    readonly handOverMs = handOverMsMax,
  ) {
    this.#certificates = new CertificateWatch(context.log, () => this.#open);
  }

  get open(): readonly OpenListener[] {
    return this.#open;
  }

  /** @throws OperatingError when a listener cannot be made (a certificate is missing …) or there are too many */
  prepare(settings: Pick<Settings, 'listeners' | 'priority' | 'utcOffsetSeconds'>): ListenerChange {
    const { kept, removed, wanted, retuned } = this.#compare(settings.listeners);
    const slots = this.slots.take(wanted.length);
    if (slots === undefined) throw tooMany();
    try {
      const added = wanted.map((spec, i) => {
        const placed = { ...spec, index: slots[i] as number };
        return { spec: placed, source: sourceTypeOf(spec).create(placed, this.context) };
      });
      const refresh = [
        ...kept.flatMap(({ source }) => source.refresh?.() ?? []),
        ...retuned.map(
          ({ source, spec }) =>
            () =>
              source.retune?.(spec),
        ),
      ];
      const plans = [...this.#plans];
      for (const { spec } of [...kept, ...added]) setPlan(plans, spec, settings);
      return { plans, kept, removed, added, refresh, retuned };
    } catch (error) {
      for (const slot of slots) this.slots.release(slot);
      throw error;
    }
  }

  /** What the workers are to know again when a change that they were told of failed. Of what it opened for a moment there may be events. */
  plansWithout({ plans, added }: ListenerChange): ListenerPlan[] {
    const opened = new Set(added.map(({ spec }) => spec.index));
    return plans.map((plan, slot) => (opened.has(slot) ? plan : (this.#plans[slot] ?? plan)));
  }

  /** Gives up a change that is not applied. */
  discard({ added }: ListenerChange): void {
    for (const { spec } of added) this.slots.release(spec.index);
  }

  /**
   * Opens what is new and closes what is gone. Rejects with an OperatingError when something cannot be opened; all is as before
   * then, but connections of a listener whose address was to be taken over. While there is no room for what those have sent, the listener
   * stays closed, and opens when there is.
   */
  async apply(change: ListenerChange): Promise<void> {
    // What an earlier change left closed does not come back meanwhile: this one may want the address. What came back since this one was
    // prepared goes as what it removes does.
    const away = [...this.#away];
    this.#away.clear();
    await this.#reopening;
    const stays = new Set(change.kept.map(({ source }) => source));
    const removed = this.#open.filter(({ source }) => !stays.has(source));
    const opened: OpenListener[] = [];
    const closed: OpenListener[] = [];
    this.#opening = opened;
    const inTheWay = (spec: ListenerSpec) => removed.filter((old) => !closed.includes(old) && sharesPort(old, spec));
    try {
      // What takes over nobody's address comes first: should it fail, nothing was touched.
      const added = [...change.added].sort((a, b) => inTheWay(a.spec).length - inTheWay(b.spec).length);
      for (const { spec, source } of added) {
        for (const old of inTheWay(spec)) {
          closed.push(old);
          await this.#closeSoon(old);
        }
        this.#refuseAtTheEnd();
        this.#takeOver(spec.index);
        opened.push({ spec, source, port: await source.start() });
      }
      await Promise.all(removed.map((old) => this.#closeSoon(old)));
      this.#refuseAtTheEnd();
    } catch (error) {
      await this.#undo(change, opened, [...away, ...closed]);
      throw error;
    }
    for (const listener of [...removed, ...away]) this.#retire(listener);
    this.#open = [...change.kept, ...opened];
    this.#opening = [];
    this.#plans = change.plans;
    for (const refresh of change.refresh) refresh();
    this.#certificates.look();
  }

  async close(): Promise<void> {
    this.#ending = true;
    this.#certificates.stop();
    await this.#reopening;
    for (const listener of [...this.#open, ...this.#opening]) void this.#leave(listener);
    await Promise.all(this.#leaving.values());
  }

  /** A listener opened after the others were closed would be closed by nobody. */
  #refuseAtTheEnd(): void {
    if (!this.#ending) return;
    throw new OperatingError('STOPPING', 'the process is ending', 'start it again to take the change over');
  }

  /** Begins to close a listener, unless that was done. Resolves when what its connections have sent is handed over. */
  #leave(listener: OpenListener): Promise<void> {
    const leaving = this.#leaving.get(listener);
    if (leaving) return leaving;
    const left = listener.source.stop().finally(() => this.#leaving.delete(listener));
    this.#leaving.set(listener, left);
    return left;
  }

  /**
   * Closes a listener. It waits for what the connections have sent to be handed over, but not for ever: while the journal is full there
   * is no room for it, and what makes room may be in the same change. It goes on meanwhile.
   */
  async #closeSoon(listener: OpenListener): Promise<void> {
    if (await within(this.handOverMs, this.#leave(listener))) return;
    this.context.log.warn(
      { listener: listener.spec.url },
      `${listener.spec.url} takes no new connections; what the old ones have sent is read when there is room for it`,
    );
  }

  /** Its slot is for others once it is closed. */
  #retire(listener: OpenListener): void {
    const { index } = listener.spec;
    this.#closed.set(index, listener);
    const left = this.#leaving.get(listener);
    if (left === undefined) this.slots.release(index);
    else void left.then(() => this.slots.release(index));
  }

  /** After a change that failed: what it opened goes, what it closed comes back. */
  async #undo({ added }: ListenerChange, opened: readonly OpenListener[], closed: readonly OpenListener[]) {
    await Promise.all(opened.map((listener) => this.#closeSoon(listener)));
    for (const listener of opened) this.#retire(listener);
    this.#opening = [];
    const used = new Set(opened.map(({ source }) => source));
    for (const { spec, source } of added) if (!used.has(source)) this.slots.release(spec.index);
    if (!this.#ending) await this.#restore(closed);
  }

  /**
   * Opens listeners again, each in its slot once its connections are gone: those are counted there too. It is not waited for longer than
   * for the closing: while the journal is full they stay.
   */
  async #restore(closed: readonly OpenListener[]): Promise<void> {
    this.#open = this.#open.filter((listener) => !closed.includes(listener));
    for (const listener of closed) {
      this.#away.add(listener);
      this.#closed.set(listener.spec.index, listener);
    }
    const reopened = closed.map(async (listener) => {
      await this.#leaving.get(listener);
      this.#reopening = this.#reopening.then(() => this.#reopen(listener));
      await this.#reopening;
    });
    if (await within(this.handOverMs, Promise.all(reopened))) return;
    for (const listener of closed.filter((each) => this.#away.has(each)))
      this.context.log.error(
        { listener: listener.spec.url },
        `${listener.spec.url} stays closed until there is room for what its connections have sent, or the next reload`,
      );
  }

  async #reopen(closed: OpenListener): Promise<void> {
    // A change that came after may have its address, or does not want it.
    if (this.#ending || !this.#away.delete(closed)) return;
    const { spec, port: bound } = closed;
    try {
      const source = sourceTypeOf(spec).create({ ...spec, port: bound }, this.context);
      const port = await source.start();
      this.#closed.delete(spec.index);
      this.#open = [...this.#open, { spec, source, port }];
    } catch (error) {
      this.context.log.error({ err: error, listener: spec.url }, `${spec.url} could not be opened again`);
      this.slots.release(spec.index);
    }
  }

  /**
   * The same, without waiting for ever: a listener hands over what its connections have sent, for which the rings have no room while
   * the journal is full. What is not read by then was not acknowledged.
   */
  async closeWithin(deadlineMs: number, log: Logger): Promise<void> {
    if (!(await within(deadlineMs, this.close())))
      log.warn('connections are closed although not all that they sent was read: there is no room for it');
  }

  readings(): ListenerReading[] {
    return this.#open.map((listener) => this.#reading(listener));
  }

  /** Listeners that were open. */
  former(): ListenerReading[] {
    return [...this.#gone.values(), ...[...this.#closed.values()].map((listener) => this.#reading(listener))];
  }

  #reading({ spec, port, source }: OpenListener): ListenerReading {
    const certificateEndsMs = source.certificateEndsMs?.() ?? null;
    return { spec, port, certificateEndsMs, ...combine(this.counters(spec.index), this.#before.get(spec.index), -1) };
  }

  /** From now on the slot's counters are those of another listener. */
  #takeOver(slot: number): void {
    const closed = this.#closed.get(slot);
    if (closed !== undefined) {
      const { spec } = closed;
      const last = this.#reading(closed);
      this.#gone.set(spec.scheme, { ...last, ...combine(last, this.#gone.get(spec.scheme), 1) });
      this.#closed.delete(slot);
    }
    this.#before.set(slot, this.counters(slot));
  }

  #compare(specs: readonly ListenerSpec[]) {
    const open = [...this.#open];
    const kept: OpenListener[] = [];
    const retuned: OpenListener[] = [];
    const wanted: ListenerSpec[] = [];
    for (const spec of specs) {
      const same = open.findIndex((candidate) => identity(candidate.spec) === identity(spec));
      const [found] = same < 0 ? [] : open.splice(same, 1);
      if (!found) {
        wanted.push(spec);
        continue;
      }
      const tuned = { ...found, spec: { ...spec, index: found.spec.index } };
      kept.push(tuned);
      if (optionsOf(tuned.spec, true) !== optionsOf(found.spec, true)) retuned.push(tuned);
    }
    return { kept, removed: open, wanted, retuned };
  }
}

function setPlan(
  plans: ListenerPlan[],
  spec: ListenerSpec,
  { utcOffsetSeconds, priority }: Pick<Settings, 'priority' | 'utcOffsetSeconds'>,
): void {
  const { time_zone: zone } = spec.options;
  const plan: ListenerPlan = {
    format: sourceTypeOf(spec).format,
    source: `${spec.scheme}:${spec.port}`,
    route: 0,
    utcOffsetSeconds: (zone === undefined ? undefined : offsetOf(String(zone))) ?? utcOffsetSeconds,
    packName: String(spec.options.format ?? ''),
    ...(spec.options.schema ? { schemaPath: String(spec.options.schema) } : {}),
    priority: priorityTable(priority, spec),
  };
  // Slots below that nobody has used yet: any plan will do.
  while (plans.length < spec.index) plans.push(plan);
  plans[spec.index] = plan;
}

/** The type that answers to a listener's scheme; configuration has checked that there is one. */
export function sourceTypeOf(listener: ListenerSpec): SourceType {
  const type = sourceTypes.find((candidate) => candidate.schemes.includes(listener.scheme));
  if (!type) throw new Error(`no source answers to ${listener.scheme}`);
  return type;
}

/** What the log says of a change. */
export function describeChange({
  kept,
  removed,
  added,
  retuned,
}: ListenerChange): Parameters<Logger['info']>[0] & object {
  const urls = (list: readonly { spec: ListenerSpec }[]) => list.map(({ spec }) => spec.url);
  return { added: urls(added), removed: urls(removed), kept: kept.length, retuned: urls(retuned) };
}

/** False: it takes longer. */
async function within(ms: number, done: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([done.then(() => true), late]);
  } finally {
    timer.abort();
  }
}

/** What cannot change while it is open. */
function identity(spec: ListenerSpec): string {
  return JSON.stringify([spec.scheme, spec.host, spec.port, optionsOf(spec, false)]);
}

/** Its live options, or the others. */
function optionsOf(spec: ListenerSpec, live: boolean): string {
  const names = new Set(sourceTypeOf(spec).options.flatMap((option) => (option.live ? [option.name] : [])));
  const wanted = Object.entries(spec.options).filter(([name]) => names.has(name) === live);
  return JSON.stringify(wanted.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sharesPort(open: OpenListener, spec: ListenerSpec): boolean {
  return open.port === spec.port && transportOf(open.spec.scheme) === transportOf(spec.scheme);
}

/** a + sign × b, counter by counter. */
function combine(a: SlotCounters, b: SlotCounters | undefined, sign: 1 | -1): SlotCounters {
  if (b === undefined) return a;
  const figures = Object.entries(a.figures).map(([name, value]) => [name, value + sign * (b.figures[name] ?? 0)]);
  return {
    events: a.events + sign * b.events,
    split: a.split + sign * b.split,
    joined: a.joined + sign * b.joined,
    failed: a.failed + sign * b.failed,
    bytes: a.bytes + sign * b.bytes,
    figures: Object.fromEntries(figures),
  };
}

function tooMany(): OperatingError {
  return new OperatingError(
    'TOO_MANY_LISTENERS',
    'there are no slots left for more listeners: those just removed still have events on their way',
    'apply the change again in a moment, or restart',
  );
}
