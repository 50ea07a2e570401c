/**
 * What compression did, by route, in memory that a worker writes and the main thread reads: one block a worker, 64-bit floats.
 * A route is a topic that rules may choose, by number; with PENSTOCK_ENCODING=frames it is a listener, by number.
 */

/** Of the worker. */
const workerWords = ['level', 'busy', 'packing', 'backlog', 'levelChanges'] as const;
/** Of each route. `skipped…`: batches left as they were. */
const routeWords = [
  'bytesIn',
  'bytesOut',
  'nanoseconds',
  'packedBytesIn',
  'batches',
  'level',
  'skippedSmall',
  'skippedIncompressible',
  'skippedGain',
  'dictionary',
  'dictionaryBytesIn',
  'dictionaryBytesOut',
] as const;

export type WorkerWord = (typeof workerWords)[number];
export type RouteWord = (typeof routeWords)[number];
export type WorkerFigures = Readonly<Record<WorkerWord, number>>;
export type RouteFigures = Readonly<Record<RouteWord, number>>;

/** Those beyond it share the last. */
export const routesMax = 64;
const floatBytes = 8;

/** A worker's block; also how it is written. One writer: the worker. */
export class CompressionFigures {
  readonly #words: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Float64Array(memory);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer((workerWords.length + routesMax * routeWords.length) * floatBytes);
  }

  setWorker(word: WorkerWord, value: number): void {
    this.#words[workerWords.indexOf(word)] = value;
  }

  set(route: number, word: RouteWord, value: number): void {
    this.#words[place(route, word)] = value;
  }

  add(route: number, word: RouteWord, value: number): void {
    const at = place(route, word);
    this.#words[at] = (this.#words[at] as number) + value;
  }

  worker(): WorkerFigures {
    return named(workerWords, (word) => this.#words[workerWords.indexOf(word)] as number);
  }

  route(route: number): RouteFigures {
    return named(routeWords, (word) => this.#words[place(route, word)] as number);
  }
}

/** The same of all workers: counts added up, states the lowest level and any dictionary. */
export function totalRoute(routes: readonly RouteFigures[]): RouteFigures {
  return named(routeWords, (word) => {
    const values = routes.filter(({ batches }) => batches > 0).map((figures) => figures[word]);
    if (word === 'level') return values.length === 0 ? 0 : Math.min(...values);
    if (word === 'dictionary') return Math.max(0, ...values);
    return values.reduce((sum, value) => sum + value, 0);
  });
}

function place(route: number, word: RouteWord): number {
  return workerWords.length + Math.min(route, routesMax - 1) * routeWords.length + routeWords.indexOf(word);
}

function named<T extends string>(words: readonly T[], value: (word: T) => number): Record<T, number> {
  return Object.fromEntries(words.map((word) => [word, value(word)])) as Record<T, number>;
}
