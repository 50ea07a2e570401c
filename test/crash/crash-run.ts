/**
 * The real process, killed again and again on one data directory while events flow; then what its sink has is held against what
 * was sent. Everything that is chosen follows from the seed; how far the process is when the signal comes does not, so a seed
 * that failed may need a few runs to fail again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAudit } from '../support/audit.js';
import { type PenstockOptions, PenstockProcess } from '../support/penstock-process.js';
import { freePorts } from '../support/ports.js';
import { KeyCounts } from './event-keys.js';
import { readJournalKeys } from './journal-keys.js';
import { killIn } from './kills.js';
import { Load } from './load.js';
import { type CyclePlan, describePlan, type KillKind, planCycle } from './plan.js';
import { type Verdict, verify } from './verify.js';

/** Where the events go. */
export interface CrashTarget {
  readonly name: string;
  readonly kinds: readonly [KillKind, ...KillKind[]];
  /** PENSTOCK_DELIVER for a data directory. */
  deliver(directory: string): string;
  /** The far side stands still, alive but silent; and goes on. */
  stall(): void;
  resume(): void;
  /** True: what it has can be counted at any moment, also right after a kill. */
  readonly countsWhileKilled: boolean;
  read(directory: string, into: KeyCounts): Promise<void>;
}

export interface CrashSettings {
  readonly target: CrashTarget;
  readonly seed: number;
  readonly cycles: number;
  /** Verify after so many cycles, and at the end. */
  readonly verifyEvery: number;
  readonly say: (line: string) => void;
}

export interface CrashReport extends Verdict {
  readonly kills: number;
  /** Kept when something failed, for whoever looks into it. */
  readonly directory: string | null;
}

const drainTimeoutMs = 300_000;

export async function runCrashTest(settings: CrashSettings): Promise<CrashReport> {
  const { target, seed, cycles, say } = settings;
  const world = new World(mkdtempSync(join(tmpdir(), `penstock-crash-${target.name}-`)), target);
  let verdict: Verdict | null = null;
  try {
    for (let cycle = 0; cycle < cycles; cycle++) {
      const plan = planCycle(seed, cycle, target.kinds);
      say(describePlan(plan));
      await killIn(world, plan);
      await world.afterKill();
      const last = cycle === cycles - 1;
      if (!last && (cycle + 1) % settings.verifyEvery !== 0) continue;
      verdict = await world.settle();
      if (verdict.failures.length > 0) break;
    }
  } catch (error) {
    await world.end();
    throw new Error(`${error instanceof Error ? error.message : error}\ndata directory: ${world.directory}`);
  }
  await world.end();
  if (verdict === null) throw new Error('nothing was verified');
  const failed = verdict.failures.length > 0;
  if (!failed) rmSync(world.directory, { recursive: true, force: true });
  return { ...verdict, kills: world.kills, directory: failed ? world.directory : null };
}

/** What lasts from cycle to cycle. */
export class World {
  readonly load = new Load();
  readonly #journaled = new KeyCounts();
  #current: PenstockProcess | null = null;
  #ports: readonly number[] | undefined;
  kills = 0;

  constructor(
    readonly directory: string,
    readonly target: CrashTarget,
  ) {}

  async spawn(plan: Pick<CyclePlan, 'env'>): Promise<PenstockProcess> {
    this.#ports ??= await freePorts(2); // the same each time: idempotency keys belong to a listener
    const options: PenstockOptions = {
      listen: ['http', 'syslog+tcp'],
      deliver: this.target.deliver(this.directory),
      directory: this.directory,
      ports: this.#ports,
      env: {
        PENSTOCK_SEGMENT_BYTES: '1MiB',
        PENSTOCK_BATCH_BYTES_MAX: '960KiB',
        PENSTOCK_LOG_LEVEL: 'warn',
        ...plan.env,
      },
    };
    this.#current = await PenstockProcess.spawn(options);
    return this.#current;
  }

  /** Starts it, waits until it takes events, and sends. */
  async spawnLoaded(plan: CyclePlan): Promise<PenstockProcess> {
    const penstock = await this.spawn(plan);
    await penstock.ready();
    this.send(penstock, plan);
    return penstock;
  }

  send(penstock: PenstockProcess, plan: CyclePlan): void {
    this.load.start({ http: penstock.ports[0] as number, tcp: penstock.ports[1] as number }, plan.loadSeed);
  }

  async kill(penstock: PenstockProcess): Promise<void> {
    this.kills++;
    await penstock.kill9();
    if (/not accounted for/.test(penstock.output)) throw new Error(`the ledger does not add up\n${penstock.output}`);
  }

  /** Reads what the killed process left behind, and in a store that can be asked, what it has. */
  async afterKill(): Promise<void> {
    await this.load.stop();
    const { corruptBytes } = readJournalKeys(join(this.directory, 'data/journal'), this.#journaled);
    if (corruptBytes > 0) throw new Error(`the journal of a killed process has ${corruptBytes} damaged bytes`);
    if (!this.target.countsWhileKilled) return;
    const { failures } = await this.#verify();
    if (failures.length > 0) throw new Error(failures.join('\n'));
  }

  /** One more run without a kill, which delivers all; then what the sink has is held against what was sent. */
  async settle(): Promise<Verdict> {
    const penstock = await this.spawn({ env: { PENSTOCK_SHUTDOWN_TIMEOUT_MS: String(drainTimeoutMs) } });
    await penstock.ready();
    await penstock.until('requests with a key are answered', async () => {
      await this.load.sendAgain(penstock.ports[0] as number);
      return this.load.unanswered === 0;
    });
    const code = await penstock.stop(drainTimeoutMs + 10_000);
    const clean = code === 0 && /; 0 unaccounted for\n.*, 0 left in the journal\n/.test(penstock.output);
    if (!clean) throw new Error(`the last run did not deliver all: exit code ${code}\n${penstock.output}`);
    const { code: audited, report } = runAudit(join(this.directory, 'data'), this.target.deliver(this.directory));
    if (audited !== 0) throw new Error(`penstock audit exits with ${audited}: ${JSON.stringify(report)}`);
    return this.#verify();
  }

  async end(): Promise<void> {
    this.target.resume();
    await this.load.stop();
    if (this.#current !== null) await this.#current.kill9();
  }

  async #verify(): Promise<Verdict> {
    const found = new KeyCounts();
    await this.target.read(this.directory, found);
    return verify(this.load, found, this.#journaled);
  }
}
