/**
 * Makes the configured sinks.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { sinkTypes } from '../adapters/index.js';
import type { Settings } from './config/settings.js';
import type { Sink, SinkSpec, SinkType } from './contracts.js';

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

export function createSinks(settings: Settings, log: Logger): Sink[] {
  return settings.sinks.map((spec) => {
    const stateDir = join(settings.dataDir, 'sinks', encodeURIComponent(spec.id));
    if (needsJournal(spec)) mkdirSync(stateDir, { recursive: true });
    return sinkTypeOf(spec).create(spec, {
      log: log.child({ sink: spec.id }),
      stateDir,
      journalDir: join(settings.dataDir, 'journal'),
      journalBytesMax: settings.journalBytesMax,
    });
  });
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
