/**
 * Makes the configured sinks.
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { sinkTypes } from '../adapters/index.js';
import type { Settings } from './config/settings.js';
import type { Breaker, Sink, SinkSpec, SinkType } from './contracts.js';
import { makeDirectories } from './journal/files.js';

/** The type that answers to a sink's scheme; configuration has checked that there is one. */
export function sinkTypeOf(spec: SinkSpec): SinkType {
  const type = sinkTypes.find((candidate) => candidate.schemes.includes(spec.scheme));
  if (!type) throw new Error(`no sink answers to ${spec.scheme}`);
  return type;
}

export function sinksNeedJournal(specs: readonly SinkSpec[]): boolean {
  return specs.some(needsJournal);
}

function needsJournal(spec: SinkSpec): boolean {
  const { needsJournal: needs } = sinkTypeOf(spec);
  return typeof needs === 'function' ? needs(spec) : needs;
}

/** @throws OperatingError when the sink cannot work as configured */
export function createSink(spec: SinkSpec, settings: Settings, log: Logger, breaker: Breaker): Sink {
  const stateDir = join(settings.dataDir, 'sinks', encodeURIComponent(spec.id));
  if (needsJournal(spec)) makeDirectories(stateDir);
  return sinkTypeOf(spec).create(spec, {
    log: log.child({ sink: spec.id }),
    breaker,
    stateDir,
    journalDir: join(settings.dataDir, 'journal'),
    journalBytesMax: settings.journalBytesMax,
  });
}

/** What becomes of the sinks; one whose settings change is removed and added, under the same positions. */
export interface SinkChange {
  readonly removed: readonly Sink[];
  readonly added: readonly SinkSpec[];
}

export function compareSinks(running: readonly Sink[], wanted: readonly SinkSpec[]): SinkChange {
  const same = (a: SinkSpec, b: SinkSpec) =>
    a.id === b.id && a.url === b.url && JSON.stringify(a.options) === JSON.stringify(b.options);
  return {
    removed: running.filter(({ spec }) => !wanted.some((candidate) => same(candidate, spec))),
    added: wanted.filter((spec) => !running.some((sink) => same(sink.spec, spec))),
  };
}

/** Why sinks cannot become others while the process runs: one sentence each. `journal`: whether there is one. */
export function sinkChangeProblems(change: SinkChange, settings: Settings, journal: boolean): string[] {
  const problems: string[] = [];
  const needy = change.added.find(needsJournal);
  if (!journal && needy) problems.push(`${needy.url} needs a journal, and the process was started without one`);
  const counted = change.removed.find((sink) => sink.partitionCount);
  if (settings.partitioning !== 'sticky' && counted)
    problems.push(`PENSTOCK_PARTITIONING spreads over the partitions of ${counted.spec.url}`);
  return problems;
}

/** Partitions of the topic that keyed partitioning spreads over; waits until the far side tells. */
export async function partitionsFor(sinks: readonly Sink[], settings: Settings, log: Logger): Promise<number> {
  const sink = sinks.find((candidate) => candidate.partitionCount);
  if (!sink?.partitionCount) {
    log.warn(`partitioning by ${settings.partitioning} has no effect: no sink has partitions`);
    return 0;
  }
  log.info({ sink: sink.spec.id }, 'asking for the number of partitions, which keyed partitioning needs');
  return sink.partitionCount(0);
}
