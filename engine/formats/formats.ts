/** The format packs in force: compiled, tried, and listeners pinned to them. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { anyPack, createPacks, noPack } from '../../native/formats.js';
import type { ListenerPlan } from '../../native/pipeline.js';
import { didYouMean } from '../config/suggest.js';
import { SettingsError } from '../errors.js';
import type { FormatAnswer, FormatTask } from './format-thread.js';
import { counterNames, loadFormats, takeCounters } from './load.js';

/** What is asked of packs while events flow. */
interface Compiled {
  readonly plan: Uint8Array;
  readonly packs: readonly { readonly name: string }[];
}

export class Formats {
  private constructor(readonly compiled: Compiled | null) {}

  /** `setting`: of PENSTOCK_FORMATS. @throws OperatingError with every mistake of every pack */
  static load(setting: string | null): Formats {
    if (setting === 'off') return new Formats(null);
    const compiled = loadFormats(setting);
    createPacks(compiled.plan); // what native code refuses is refused here, not in a worker
    return new Formats(compiled);
  }

  /** The same while events flow: a user's packs are compiled beside. One call at a time. @throws OperatingError with every mistake of every pack */
  static async reload(setting: string | null): Promise<Formats> {
    if (setting === 'off' || setting === null) return Formats.load(setting);
    const answer = await inThread({ directory: setting, counters: counterNames() });
    if ('code' in answer) throw new SettingsError(answer.code, answer.message, answer.remedy);
    takeCounters(answer.counters);
    return new Formats({ plan: answer.plan, packs: answer.names.map((name) => ({ name })) });
  }

  get plan(): Uint8Array | null {
    return this.compiled?.plan ?? null;
  }

  get count(): number {
    return this.compiled?.packs.length ?? 0;
  }

  same(other: Formats): boolean {
    const [a, b] = [this.plan, other.plan];
    return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
  }

  /**
   * Listeners with a pack of their own get its place in this plan. `open`: the slots of those that are open (default: all); of a closed one,
   * whose last events are on their way, the pack may be gone. @throws OperatingError when there is none of the name
   */
  pin(listeners: readonly ListenerPlan[], open?: ReadonlySet<number>): ListenerPlan[] {
    return listeners.map((listener, slot) => {
      const name = listener.packName ?? '';
      const gone = open?.has(slot) === false && name !== 'none' && this.#find(name) < 0;
      return { ...listener, pack: gone ? anyPack : this.#place(name) };
    });
  }

  /** @throws OperatingError when there is no pack of one of the names ('': any pack) */
  check(names: readonly string[]): void {
    for (const name of names) this.#place(name);
  }

  #find(name: string): number {
    return this.compiled?.packs.findIndex((pack) => pack.name === name) ?? -1;
  }

  #place(name: string): number {
    if (name === '') return anyPack;
    if (name === 'none') return noPack;
    const place = this.#find(name);
    if (place >= 0) return place;
    const near = didYouMean(
      name,
      (this.compiled?.packs ?? []).map((pack) => pack.name),
    );
    const remedy = this.compiled
      ? 'penstock formats list shows those there are; format=none tries none'
      : 'PENSTOCK_FORMATS is off: only format=none is possible';
    throw new SettingsError('FORMAT_UNKNOWN', `there is no format pack ${name}${near}`, remedy);
  }
}

async function inThread(workerData: FormatTask): Promise<FormatAnswer> {
  const worker = new Worker(new URL('./format-thread.js', import.meta.url), { workerData });
  try {
    const [answer] = (await once(worker, 'message')) as [FormatAnswer];
    return answer;
  } finally {
    await worker.terminate();
  }
}
