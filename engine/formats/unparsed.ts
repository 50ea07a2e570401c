/**
 * What no format pack understands, in the running process: workers keep samples by shape (native/src/pipeline/unparsed.h); here they
 * are grouped, when somebody asks.
 */
import { pipelineLayout } from '../../native/pipeline.js';
import type { UnparsedReport } from '../admin/unparsed.js';
import { flatten } from './explain.js';
import { Templates } from './templates.js';

interface UnparsedSample {
  readonly text: string;
  readonly events: number;
}

/** `blocks`: of the workers. */
export function unparsedReport(blocks: readonly SharedArrayBuffer[], most: number): UnparsedReport {
  const templates = new Templates();
  let events = 0;
  let forgotten = 0;
  for (const block of blocks) {
    const read = readUnparsed(block);
    events += read.events;
    forgotten += read.forgotten;
    for (const sample of read.samples) templates.add(describe(sample.text), sample.events);
  }
  return { events, forgotten: forgotten + templates.forgotten, templates: templates.list(most) };
}

interface Read {
  readonly events: number;
  readonly forgotten: number;
  readonly samples: readonly UnparsedSample[];
}

const slotHeaderBytes = 32;
const attemptsMax = 10;

/** What one worker has written down. It may be writing. */
function readUnparsed(block: SharedArrayBuffer): Read {
  const { count, unparsedHeaderBytes, unparsedSlotBytes, unparsedBytes } = pipelineLayout();
  const at = count * 8;
  const header = new BigUint64Array(block, at, 3);
  const samples: UnparsedSample[] = [];
  for (let slot = unparsedHeaderBytes; slot < unparsedBytes; slot += unparsedSlotBytes) {
    const sample = readSlot(block, at + slot, unparsedSlotBytes);
    if (sample !== undefined) samples.push(sample);
  }
  return { events: Number(header[1]), forgotten: Number(header[2]), samples };
}

/** undefined: empty, or being written all the time. */
function readSlot(block: SharedArrayBuffer, at: number, bytes: number): UnparsedSample | undefined {
  const version = new Int32Array(block, at, 1);
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = Atomics.load(version, 0);
    if (before === 0) return undefined;
    if (before % 2 !== 0) continue;
    const copy = Buffer.from(new Uint8Array(block, at, bytes).slice());
    if (Atomics.load(version, 0) !== before) continue;
    const size = Math.min(copy.readUInt32LE(4), bytes - slotHeaderBytes);
    if (size === 0) return undefined;
    const text = copy.toString('utf8', slotHeaderBytes, slotHeaderBytes + size);
    return { text, events: Number(copy.readBigUInt64LE(16)) };
  }
  return undefined;
}

/** Of a JSON object its names tell what it is. */
export function describe(text: string): string {
  if (!text.startsWith('{')) return text;
  try {
    return `JSON ${Object.keys(flatten(JSON.parse(text) as Record<string, unknown>)).join(' ')}`;
  } catch {
    // Cut: the names that are there.
    const names = [...text.matchAll(/"([^"\\]{1,64})"\s*:/g)].map(([, name]) => name);
    return names.length > 0 ? `JSON ${names.join(' ')} …` : text;
  }
}
