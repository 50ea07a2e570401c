/**
 * Compresses a worker's batches: one context for all of them, at the level of the moment, and not at all what does not gain by it.
 */

import { type CompressionFigures, routesMax } from '../../engine/telemetry/compression-block.js';
import { Compressor, incompressible } from '../../native/codecs.js';
import { FramePacker, type Samples } from '../../native/frames.js';
import { batchCodec, batchHeaderBytes, framePlace, frameTailBytes } from '../../native/pipeline.js';
import type { CompressionPlan, RouteDictionary } from '../plan.js';
import { RouteMeasures } from './route-measures.js';
import type { WorkerLevel } from './worker-level.js';

/** No batch takes longer than this for the sake of a level above the normal one: what waits behind it are other routes' events. */
const batchMsMax = 50;
/** Batches below this are compressed to know whether they can be. */
const looksFromBytes = 16 * 1024;
/** Below it zstd leaves much undone for the sake of speed. */
const normalLevel = 1;
/** Frames below this may have a dictionary. */
const dictionaryBytesMax = 64 * 1024;

/** A batch's records or frame: where they stand, and where they may go to. */
export interface Packing {
  readonly route: number;
  readonly raw: Uint8Array;
  readonly bytes: number;
  readonly out: Uint8Array;
  /** A broker may refuse what is larger: then any gain is worth it. */
  readonly bytesMax: number;
}

export class BatchPacker {
  readonly #compressor: Compressor | null;
  readonly #packer: FramePacker | null;
  readonly #routes: RouteMeasures[] = Array.from({ length: routesMax }, () => new RouteMeasures());
  readonly #dictionaries = new Map<number, Uint8Array>();
  #level: number;
  #sampling = false;
  /** The route with the most bytes since the last look: its measures stand for the worker's. */
  #fattest = 0;
  #fattestBytes = 0;

  constructor(
    readonly plan: CompressionPlan,
    frames: boolean,
    readonly worker: WorkerLevel,
    readonly figures: CompressionFigures,
  ) {
    const { codec } = plan;
    this.#level = worker.level;
    this.#compressor = codec === 'none' || frames ? null : new Compressor(codec, this.#level);
    this.#packer = codec === 'none' || !frames ? null : new FramePacker(this.#level);
  }

  /** Kafka's code of what is packed. */
  get code(): number {
    return this.#packer ? batchCodec.none : batchCodec[this.plan.codec];
  }

  /** Whether anything is ever compressed. */
  get active(): boolean {
    return this.#compressor !== null || this.#packer !== null;
  }

  /** Packs into `out`, behind the place for what comes before. Bytes; −1: the plain bytes serve. */
  pack(packing: Packing): number {
    const { bytes } = packing;
    const route = Math.min(packing.route, routesMax - 1);
    const packed = this.active ? this.#tryPacking(packing, route) : -1;
    this.figures.add(route, 'batches', 1);
    this.figures.add(route, 'bytesIn', bytes);
    this.figures.add(route, 'bytesOut', packed < 0 ? bytes : packed);
    if (bytes > this.#fattestBytes) {
      this.#fattest = route;
      this.#fattestBytes = bytes;
    }
    return packed;
  }

  /** From now on texts of small frames are kept, to train dictionaries on. */
  keepSamples(): void {
    this.#sampling = this.#packer !== null;
    this.#packer?.setSampling(true);
  }

  takeSamples(route: number, countMin: number): Samples | null {
    return this.#packer?.takeSamples(route, countMin) ?? null;
  }

  /** Those that are not named have none any more. */
  useDictionaries(dictionaries: readonly RouteDictionary[]): void {
    for (let route = 0; route < routesMax; route++) {
      const wanted = dictionaries.find((each) => each.route === route)?.dictionary ?? null;
      if (wanted === null) {
        if (!this.#dictionaries.delete(route)) continue;
        this.#packer?.setDictionary(route, null);
        this.figures.set(route, 'dictionary', 0);
      } else if (!same(this.#dictionaries.get(route), wanted)) {
        this.#packer?.setDictionary(route, wanted);
        this.#dictionaries.set(route, wanted);
      }
    }
  }

  #tellDictionary(route: number): void {
    if (!this.#packer || !this.#dictionaries.has(route)) return;
    const { id, withoutBytes, withBytes } = this.#packer.dictionaryFigures(route);
    this.figures.set(route, 'dictionary', id);
    this.figures.set(route, 'dictionaryBytesIn', withoutBytes);
    this.figures.set(route, 'dictionaryBytesOut', withBytes);
  }

  /** Between batches. */
  look(): void {
    const measures = this.#routes[this.#fattest] as RouteMeasures;
    this.worker.look((level) => measures.measured(level));
    this.#fattestBytes = 0;
  }

  #tryPacking(packing: Packing, route: number): number {
    const { bytes, raw, bytesMax } = packing;
    const tooLarge = bytes > bytesMax;
    const measures = this.#routes[route] as RouteMeasures;
    // What dictionaries are for is packed however small it is, and although it gains nothing before there is one.
    const forDictionary = this.#sampling && bytes < dictionaryBytesMax;
    if (bytes < this.plan.minBytes && !forDictionary) {
      this.figures.add(route, 'skippedSmall', 1);
      return -1;
    }
    const place = this.#packer ? framePlace : batchHeaderBytes;
    if (!forDictionary && !tooLarge && !measures.worthTrying()) {
      this.figures.add(route, 'skippedIncompressible', 1);
      return -1;
    }
    if (!tooLarge && bytes >= looksFromBytes && incompressible(raw, place, bytes)) {
      measures.refused();
      this.figures.add(route, 'skippedIncompressible', 1);
      return -1;
    }
    let level = this.worker.follows ? measures.affordable(this.worker.level, bytes, batchMsMax) : this.worker.level;
    let { packed, nanoseconds } = this.#compress(packing, route, level);
    if (tooLarge && level < normalLevel && (packed < 0 || packed > bytesMax)) {
      level = normalLevel;
      ({ packed, nanoseconds } = this.#compress(packing, route, level));
    }
    if (packed < 0 || packed > bytes * (tooLarge ? 1 : 1 - this.plan.gainMin)) {
      measures.refused();
      this.figures.add(route, 'skippedGain', 1);
      return -1;
    }
    measures.packed(level, bytes, packed, nanoseconds);
    this.#tellDictionary(route);
    return packed;
  }

  #compress({ bytes, raw, out }: Packing, route: number, level: number): { packed: number; nanoseconds: number } {
    this.#setLevel(level);
    const place = this.#packer ? framePlace : batchHeaderBytes;
    const beganMs = performance.now();
    const packed = this.#packer
      ? this.#packer.packInto(raw, place, bytes, out, place, out.length - frameTailBytes, route)
      : (this.#compressor as Compressor).compressInto(raw, place, bytes, out, place);
    const nanoseconds = (performance.now() - beganMs) * 1e6;
    this.worker.compressed(nanoseconds);
    this.figures.add(route, 'nanoseconds', nanoseconds);
    this.figures.add(route, 'packedBytesIn', bytes);
    this.figures.set(route, 'level', level);
    return { packed, nanoseconds };
  }

  #setLevel(level: number): void {
    if (level === this.#level) return;
    this.#compressor?.setLevel(level);
    this.#packer?.setLevel(level);
    this.#level = level;
  }
}

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}
