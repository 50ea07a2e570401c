/** Every large buffer of the process by name, with the most it can hold: what PENSTOCK_MEMORY_MAX is held against. */
import type { BufferTerm } from '../contracts.js';
import type { Adapters, Report } from './build-settings.js';
import { formatBytes } from './parse-value.js';
import type { Settings } from './settings.js';

const mebibyte = 1024 * 1024;

/** Code, heaps and stacks, measured with some room: the process, and each worker. */
const programBytes = 128 * mebibyte;
const programBytesOfWorker = 32 * mebibyte;
/** Batches of a worker that are open or on their way to the journal, each with its compressed form. */
const batchesOfWorker = 4;
/** More of them where events have priority, in batches of their own. */
const priorityBatchesOfWorker = 2;
const sinkInFlightBytesDefault = 64 * mebibyte;
const keyBytes = 300;

export function bufferTerms(settings: Settings, adapters: Adapters): BufferTerm[] {
  const { receivers, workers, ringBytes, messageBytesMax } = settings;
  // A frame's columns, the plain frame, the packed one.
  const batchBytesMax = settings.batchBytesMax * (settings.encoding === 'frames' ? 3 : 1);
  const terms: BufferTerm[] = [
    { name: 'program', bytes: programBytes + workers * programBytesOfWorker, lowerBy: 'PENSTOCK_WORKERS' },
    { name: 'rings', bytes: (receivers + 1) * workers * ringBytes, lowerBy: 'PENSTOCK_RING_BYTES' },
    {
      name: 'batches',
      bytes:
        workers *
        (batchesOfWorker + (settings.priority.length > 0 ? priorityBatchesOfWorker : 0)) *
        2 *
        Math.max(batchBytesMax, 7 * messageBytesMax),
      lowerBy: 'PENSTOCK_BATCH_BYTES_MAX',
    },
  ];
  // Of each listener, in a worker and on their way to the trainer.
  if (settings.dictionaries)
    terms.push({
      name: 'samples for dictionaries',
      bytes: (workers + 1) * settings.listeners.length * mebibyte,
      lowerBy: 'PENSTOCK_DICTIONARIES',
    });
  if (settings.durability === 'memory')
    terms.push({
      name: 'journal',
      bytes: settings.journalMemoryBytes,
      lowerBy: 'PENSTOCK_JOURNAL_MEMORY_BYTES',
    });
  if (settings.listeners.some(({ scheme }) => typeOf(adapters, scheme)?.partialFrames))
    terms.push({ name: 'partial frames', bytes: settings.partialBytesMax, lowerBy: 'PENSTOCK_PARTIAL_BYTES_MAX' });
  for (const listener of settings.listeners) {
    const own = typeOf(adapters, listener.scheme)?.buffers?.(listener, settings) ?? [];
    for (const term of own) terms.push({ ...term, name: `${term.name} of ${listener.scheme}:${listener.port}` });
  }
  for (const sink of settings.sinks) {
    const inFlight = Number(sink.options.in_flight_bytes_max ?? sinkInFlightBytesDefault);
    const lowerBy = 'in_flight_bytes_max of the sink';
    terms.push({ name: `in flight to ${sink.id}`, bytes: inFlight, lowerBy });
    // Memory that the journal is read into: partly held by what is in flight, or free for a moment after a backlog.
    terms.push({ name: `read windows of ${sink.id}`, bytes: inFlight, lowerBy });
  }
  const keys = settings.idempotencyKeysMax * keyBytes;
  terms.push({ name: 'idempotency keys', bytes: keys, lowerBy: 'PENSTOCK_IDEMPOTENCY_KEYS_MAX' });
  return terms;
}

export const sumOfTerms = (terms: readonly BufferTerm[]): number => terms.reduce((sum, { bytes }) => sum + bytes, 0);

/** The terms, largest first, as lines for people. */
export function describeTerms(terms: readonly BufferTerm[]): string[] {
  const shown = (bytes: number) => formatBytes(Math.ceil(bytes / mebibyte) * mebibyte);
  const rows = [...terms].sort((a, b) => b.bytes - a.bytes).map(({ name, bytes }) => `${shown(bytes)} ${name}`);
  return [...rows, `${shown(sumOfTerms(terms))} together, at the most`];
}

/** Bounds that do not fit below the ceiling are a wrong setting: the process would have to hold senders back for nothing. */
export function checkMemory(settings: Settings, adapters: Adapters, problem: Report): void {
  if (settings.memoryMax === 0) return;
  const terms = bufferTerms(settings, adapters);
  if (sumOfTerms(terms) <= settings.memoryMax) return;
  const largest = [...terms].sort((a, b) => b.bytes - a.bytes).slice(0, 3);
  const remedies = [...new Set(largest.map(({ lowerBy }) => lowerBy))].join(', ');
  const sum = describeTerms(terms).join(', ');
  problem('PENSTOCK_MEMORY_MAX', formatBytes(settings.memoryMax), `as much as its buffers: ${sum}; lower ${remedies}`);
}

function typeOf(adapters: Adapters, scheme: string) {
  return adapters.sourceTypes.find((type) => type.schemes.includes(scheme));
}
