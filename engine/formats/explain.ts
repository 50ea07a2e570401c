/** One text through the packs, by the code that events pass. */
import type { EnrichmentPlan } from '../../native/enrich.js';
import { anyPack, createPacks, type NativePacks, type PackResult, type PackStep } from '../../native/formats.js';
import { type KeepOriginal, keepOriginals } from '../../native/pipeline.js';
import type { CompiledFormats } from './compile.js';
import type { Code } from './compile-steps.js';
import { ExactInteger, parseExact, stringifyExact } from './exact-json.js';

export interface Explanation {
  /** The pack that understood it; null: none. */
  readonly pack: string | null;
  /** ECS, nested. */
  readonly event: Readonly<Record<string, unknown>>;
  readonly tried: readonly TriedPack[];
  /** What was added to the event after that; null: nothing enriches events. */
  readonly enriched: Enriched | null;
  /** Where the text is a document of many: the events that it becomes, instead of `event`. */
  readonly elements: readonly Element[];
}

export interface Element {
  readonly pack: string | null;
  readonly event: Readonly<Record<string, unknown>>;
}

export interface Enriched {
  readonly ns: number;
  /** Dotted name → value: those that the event had not, or with another value. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Numbers of the rules that it fits. */
  readonly rules: readonly number[];
  readonly fate: 'kept' | 'dropped' | 'sampled out';
  /** Index of the topic that rules send it to; −1: they do not. */
  readonly route: number;
  readonly redacted: boolean;
}

export interface TriedPack {
  readonly pack: string;
  /** How deep within another pack. */
  readonly depth: number;
  readonly understood: boolean;
  readonly ns: number;
  readonly steps: readonly TriedStep[];
}

export interface TriedStep {
  readonly code: Code | undefined;
  readonly applied: boolean;
  readonly ns: number;
  readonly variables: Readonly<Record<string, string>>;
}

export interface ExplainSettings {
  readonly json?: boolean;
  readonly receivedNs: bigint;
  readonly utcOffsetSeconds?: number;
  /** Deepest nesting of JSON; 0: the parser's own limit. */
  readonly jsonDepthMax?: number;
  /** Name of the only pack to be tried. */
  readonly pack?: string;
  /** Write down what happens; else `tried` is empty. */
  readonly record?: boolean;
  /** Tells senders apart. */
  readonly sender?: number;
  /** What else the engine is set to: `PENSTOCK_EVENT_HASH` and others. */
  readonly finish?: FinishSettings;
}

export interface FinishSettings {
  readonly eventHash: boolean;
  readonly keepOriginal: KeepOriginal;
  /** A longer message is cut. */
  readonly messageBytesMax: number;
  /** A document of more events stays one. */
  readonly documentEventsMax: number;
}
const finishDefaults: FinishSettings = {
  eventHash: false,
  keepOriginal: 'auto',
  messageBytesMax: Number.POSITIVE_INFINITY,
  documentEventsMax: 10_000,
};

export class Explainer {
  readonly #native: NativePacks;

  /** @throws when the enrichment is damaged */
  constructor(
    readonly formats: CompiledFormats,
    enrichment: EnrichmentPlan | null = null,
  ) {
    this.#native = createPacks(formats.plan);
    const problem = this.#native.setEnrichment(enrichment);
    if (problem !== '') throw new Error(problem);
  }

  explain(frame: Uint8Array, settings: ExplainSettings): Explanation {
    const { json = false, receivedNs, utcOffsetSeconds = 0, jsonDepthMax = 0 } = settings;
    const { pack, record = false, sender = 0, finish = finishDefaults } = settings;
    const pinned = pack === undefined ? anyPack : this.formats.packs.findIndex(({ name }) => name === pack);
    const result = this.#native.explain(
      frame.subarray(0, finish.messageBytesMax),
      json,
      receivedNs,
      utcOffsetSeconds,
      pinned,
      record,
      sender,
      jsonDepthMax,
      {
        truncated: frame.length > finish.messageBytesMax,
        eventHash: finish.eventHash,
        keepOriginal: keepOriginals[finish.keepOriginal],
        documentEventsMax: finish.documentEventsMax,
      },
    );
    const event = eventOf(result.event);
    return {
      pack: result.pack === null ? null : this.#name(result.pack),
      event,
      enriched: result.parsed === undefined ? null : enrichedOf(result, result.parsed, event),
      tried: this.#tried(result.steps),
      elements: (result.elements ?? []).map((element) => ({
        pack: element.pack === null ? null : this.#name(element.pack),
        event: eventOf(element.event),
      })),
    };
  }

  #name(index: number): string {
    return this.formats.packs[index]?.name ?? '?';
  }

  /** The flat list of what happened, by pack. */
  #tried(steps: readonly PackStep[]): TriedPack[] {
    const all: { pack: string; depth: number; understood: boolean; ns: number; steps: TriedStep[] }[] = [];
    const open: typeof all = [];
    for (const [pack, op, applied, ns, variables] of steps) {
      for (const one of open) one.ns += ns;
      if (op === -1) {
        const begun = { pack: this.#name(pack), depth: open.length, understood: false, ns: 0, steps: [] };
        all.push(begun);
        open.push(begun);
      } else if (op < -1) {
        const ended = open.pop();
        if (ended) ended.understood = op === -2;
      } else {
        open.at(-1)?.steps.push({ code: this.formats.code.get(op), applied, ns, variables });
      }
    }
    return all;
  }
}

const fates = ['kept', 'dropped', 'sampled out'] as const;

function enrichedOf(result: PackResult, parsed: Buffer, event: EcsEvent): Enriched {
  return {
    ns: result.enrichNs ?? 0,
    fields: added(eventOf(parsed), event),
    rules: result.rules ?? [],
    fate: fates[result.fate ?? 0] ?? 'kept',
    route: result.route ?? -1,
    redacted: result.redacted === true,
  };
}

type EcsEvent = Readonly<Record<string, unknown>>;

function eventOf(json: Buffer): EcsEvent {
  return parseExact(json.toString('utf8')) as EcsEvent;
}

function added(before: EcsEvent, after: EcsEvent): Record<string, unknown> {
  const known = flatten(before);
  return Object.fromEntries(
    Object.entries(flatten(after)).filter(([name, value]) => stringifyExact(known[name]) !== stringifyExact(value)),
  );
}

/** Dotted names; arrays stay. */
export function flatten(event: Readonly<Record<string, unknown>>, prefix = ''): Record<string, unknown> {
  return Object.fromEntries(flatEntries(event, prefix)); // not by assignment: __proto__ is a name as any other
}

function flatEntries(event: Readonly<Record<string, unknown>>, prefix: string): [string, unknown][] {
  return Object.entries(event).flatMap(([name, value]): [string, unknown][] => {
    const nested =
      typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactInteger);
    return nested && Object.keys(value).length > 0
      ? flatEntries(value as Record<string, unknown>, `${prefix}${name}.`)
      : [[`${prefix}${name}`, value]];
  });
}
