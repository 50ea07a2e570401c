/** Format packs in native code, one text at a time: for tests and explanations. Events pass in the pipeline, without JavaScript. */
import type { EnrichmentPlan } from './enrich.js';
import { loadAddon } from './load.js';
import { connectPatterns } from './patterns.js';

/** [pack, operation (−1 begins, −2 understood, −3 refused), applied, ns, variables that it set]. */
export type PackStep = readonly [number, number, boolean, number, Readonly<Record<string, string>>];

export interface PackResult {
  /** Index of the pack that understood it; null: none. */
  readonly pack: number | null;
  /** The event as ECS JSON. */
  readonly event: Buffer;
  readonly steps: readonly PackStep[];
  /** Where something enriches events: the event before that, and how long it took. */
  readonly parsed?: Buffer;
  readonly enrichNs?: number;
  /** Numbers of the rules that it fits, and what they do: 0 kept, 1 dropped, 2 sampled out; route −1: none. */
  readonly rules?: readonly number[];
  readonly fate?: number;
  readonly route?: number;
  readonly redacted?: boolean;
  /** Where the text is a document of many: what its elements become. */
  readonly elements?: readonly { readonly pack: number | null; readonly event: Buffer }[];
}

export interface NativePacks {
  explain(
    frame: Uint8Array,
    json: boolean,
    receivedNs: bigint,
    utcOffsetSeconds: number,
    pinned: number,
    record: boolean,
    sender: number,
    /** 0: the parser's own limit. */
    jsonDepthMax: number,
    options: {
      /** The frame is the beginning of one that was longer than the limit. */
      readonly truncated: boolean;
      readonly eventHash: boolean;
      /** As `keepOriginals` of pipeline.ts has it. */
      readonly keepOriginal: number;
      readonly documentEventsMax: number;
    },
  ): PackResult;
  /** What `explain` enriches events from; null: nothing. Answers '' or what is wrong with it. */
  setEnrichment(plan: EnrichmentPlan | null): string;
}

/** `pinned` of a listener that takes any pack, or none. */
export const anyPack = 0xffffffff;
export const noPack = 0xfffffffe;

interface Addon {
  FormatPacks: new (plan: Uint8Array) => NativePacks;
  planSections: (readonly [name: string, words: number])[];
}

/** Throws when the bytes are no plan. */
export function createPacks(plan: Uint8Array): NativePacks {
  connectPatterns();
  return new (loadAddon<Addon>().FormatPacks)(plan);
}

/** Sections of a plan in order, and the words of a row (native/src/packs/plan_rows.h). */
export function planSections(): readonly (readonly [name: string, words: number])[] {
  return loadAddon<Addon>().planSections;
}
