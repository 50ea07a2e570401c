/**
 * Which zstd level a worker can afford now: a pure state machine, told of each window of time how busy the worker was and how much
 * waits for it.
 *
 *   pressed (busy, or a backlog): down at once, first to the normal level, then step by step to the fastest, as long as that frees time;
 *   calm for a while, and the next level is expected to leave room: one step up.
 *
 * What keeps it from going to and fro: a step up is only taken when the load *expected* there is below the one at which it would be
 * taken back, only after a time of calm, and a level that had to be given up soon is left alone twice as long as the time before.
 */

/** The levels there are: fast ones under pressure, 1 is normal, the others for idle times. */
export const levelLadder = [-5, -3, -1, 1, 3, 6] as const;
const normal = 1;

/** CPU time of a level beside that of level 1, until it was measured: RFC 5424 as LogEvents, docs/compression.md. */
const expectedCost: readonly number[] = [0.6, 0.65, 0.75, 1, 1.9, 7];

/** What a worker did in a window. */
export interface WorkerLoad {
  /** Share of the time it was not asleep: 0 to 1. */
  readonly busy: number;
  /** Share of the time it compressed: part of `busy`. */
  readonly packing: number;
  /** What its fullest ring holds that it has not read, over what that ring may hold: 0 to 1. */
  readonly backlog: number;
}

/** What was measured of a level with the events of now; undefined: nothing yet. */
export interface LevelMeasure {
  readonly nanosecondsPerByte: number;
  /** Bytes after over bytes before. */
  readonly share: number;
}

export interface LevelBounds {
  readonly min: number;
  readonly max: number;
}

export const controllerTimes = {
  /** Two windows are this long at most: what is decided follows what is. */
  smoothMs: 250,
  /** Between two steps down: the first is to show what it does. */
  settleMs: 200,
  /** Of calm before a step up. */
  calmMs: 3_000,
  /** Of calm before a level is tried again that had to be given up, at most. */
  calmMsMax: 300_000,
  /** A level given up before it was kept this long was the wrong one. */
  keptMs: 60_000,
} as const;

const pressedBusy = 0.92;
const pressedBacklog = 0.5;
/** Expected at the next level, for a step up. */
const roomBusy = 0.7;
const roomBacklog = 0.1;
/** A level below the normal one is to free this share of the time, else its bytes are wasted. */
const freesMin = 0.02;
/** A level above the normal one is to save this share of the bytes, else its time is wasted. */
const savesMin = 0.02;

export class LevelController {
  readonly #levels: readonly number[];
  #at: number;
  #busy = 0;
  #packing = 0;
  #lastMs: number | undefined;
  #calmSinceMs: number | undefined;
  #steppedMs = Number.NEGATIVE_INFINITY;
  #steppedUp = false;
  /** Of calm before each level is tried. */
  readonly #calmMs: number[];

  /** Begins at the level nearest to the normal one that the bounds allow. */
  constructor(bounds: LevelBounds) {
    const within = levelLadder.filter((level) => level >= bounds.min && level <= bounds.max);
    // Bounds between two levels of the ladder allow one level of their own.
    this.#levels = within.length > 0 ? within : [bounds.max];
    this.#at = nearest(this.#levels, normal);
    this.#calmMs = this.#levels.map(() => controllerTimes.calmMs);
  }

  get level(): number {
    return this.#levels[this.#at] as number;
  }

  /** @param nowMs of any clock that only goes forward @param measured of a level, with the events of now */
  observe(nowMs: number, load: WorkerLoad, measured: (level: number) => LevelMeasure | undefined): number {
    this.#smooth(nowMs, load);
    if (this.#busy >= pressedBusy || load.backlog >= pressedBacklog) {
      this.#calmSinceMs = undefined;
      this.#yield(nowMs, measured);
    } else if (this.#savesNothing(nowMs, measured)) {
      // The level above may be worth it all the same: zstd's 3 often leaves what 1 does, its 6 does not.
      const further = load.backlog < roomBacklog && this.#hasRoomAbove(measured);
      if (!further) this.#calmMs[this.#at] = controllerTimes.calmMsMax;
      this.#step(nowMs, this.#at + (further ? 1 : -1));
    } else if (load.backlog >= roomBacklog || !this.#hasRoomAbove(measured)) {
      this.#calmSinceMs = undefined;
    } else {
      this.#calmSinceMs ??= nowMs;
      if (nowMs - this.#calmSinceMs >= (this.#calmMs[this.#at + 1] as number)) this.#step(nowMs, this.#at + 1);
    }
    return this.level;
  }

  #smooth(nowMs: number, { busy, packing }: WorkerLoad): void {
    const weight = this.#lastMs === undefined ? 1 : Math.min(1, (nowMs - this.#lastMs) / controllerTimes.smoothMs);
    this.#lastMs = nowMs;
    this.#busy += weight * (busy - this.#busy);
    this.#packing += weight * (packing - this.#packing);
  }

  #yield(nowMs: number, measured: (level: number) => LevelMeasure | undefined): void {
    if (this.#at === 0 || nowMs - this.#steppedMs < controllerTimes.settleMs) return;
    if (this.level <= normal && this.#packing * (1 - this.#costBeside(this.#at - 1, measured)) < freesMin) return;
    if (this.#steppedUp && nowMs - this.#steppedMs < controllerTimes.keptMs)
      this.#calmMs[this.#at] = Math.min(controllerTimes.calmMsMax, 2 * (this.#calmMs[this.#at] as number));
    const usual = nearest(this.#levels, normal);
    this.#step(nowMs, this.#at > usual ? usual : this.#at - 1);
  }

  #hasRoomAbove(measured: (level: number) => LevelMeasure | undefined): boolean {
    if (this.#at + 1 === this.#levels.length) return false;
    return this.#busy + this.#packing * (Math.max(1, this.#costBeside(this.#at + 1, measured)) - 1) <= roomBusy;
  }

  /** Time of another level beside that of this one. */
  #costBeside(at: number, measured: (level: number) => LevelMeasure | undefined): number {
    const other = this.#levels[at] as number;
    const [here, there] = [measured(this.level), measured(other)];
    return here && there ? there.nanosecondsPerByte / here.nanosecondsPerByte : cost(other) / cost(this.level);
  }

  /** Whether a level above the normal one, tried long enough to be known, leaves hardly less than the one below it. */
  #savesNothing(nowMs: number, measured: (level: number) => LevelMeasure | undefined): boolean {
    const below = this.#levels[this.#at - 1];
    if (below === undefined || this.level <= normal || nowMs - this.#steppedMs < controllerTimes.calmMs) return false;
    const [here, there] = [measured(this.level), measured(below)];
    return here !== undefined && there !== undefined && here.share > there.share * (1 - savesMin);
  }

  #step(nowMs: number, to: number): void {
    this.#steppedUp = to > this.#at;
    this.#at = to;
    this.#steppedMs = nowMs;
    this.#calmSinceMs = undefined;
  }
}

function nearest(levels: readonly number[], level: number): number {
  return levels.reduce(
    (best, each, i) => (Math.abs(each - level) < Math.abs((levels[best] as number) - level) ? i : best),
    0,
  );
}

function cost(level: number): number {
  return expectedCost[nearest(levelLadder, level)] as number;
}
