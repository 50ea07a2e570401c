import { crc32c, LaneWriter } from '../../native/journal.js';
import { readChecked } from '../journal/files.js';
import { loadIdentity } from '../journal/identity.js';
import { Journal } from '../journal/journal.js';
import { lockJournal } from '../journal/lock.js';
import { Quarantine, type QuarantinedPiece } from '../journal/quarantine.js';
import { makeLane } from '../journal/segments.js';
import { ExitCode } from './exit-codes.js';
import type { JournalArguments } from './journal.js';
import { count } from './report-error.js';

const segmentBytes = 128 * 2 ** 20;
const align = 64;
const batchHeaderBytes = 61;

interface RepairReport {
  readonly journal: string;
  readonly tornBytesCut: number;
  readonly places: readonly { readonly name: string; readonly bytes: number; readonly events: number }[];
  readonly events: number;
}

/** `penstock journal repair` */
export function repair({ journal, json }: JournalArguments): number {
  const report = repairJournal(journal);
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : repairText(report));
  return ExitCode.ok;
}

/**
 * Cuts unfinished tails. Reads all, so that what is damaged is kept aside; looks there for record batches that are whole by their own
 * checksum, though the entry around them is not, and appends them to their lane: every sink gets them, since all skipped them.
 */
export function repairJournal(directory: string): RepairReport {
  const journal = new Journal({ directory, segmentBytes, bytesMax: 0 });
  try {
    let tornBytesCut = 0;
    for (const lane of journal.lanes()) {
      const reader = journal.reader(lane, null);
      while (reader.read().length > 0) {}
      reader.close();
      const writer = openLane(journal, lane);
      tornBytesCut += writer.recovery().tornBytes;
      writer.close();
    }
    const quarantine = new Quarantine(directory);
    const open = quarantine.list().filter((piece) => !piece.repaired);
    const places = open.map((piece) => repairPiece(journal, quarantine, piece));
    return { journal: directory, tornBytesCut, places, events: places.reduce((sum, { events }) => sum + events, 0) };
  } finally {
    journal.close();
  }
}

function repairPiece(journal: Journal, quarantine: Quarantine, piece: QuarantinedPiece) {
  const batches = wholeBatches(quarantine.read(piece));
  if (batches.length > 0) {
    const writer = openLane(journal, piece.position.lane);
    try {
      // Their entry's route and partition are lost: the first route, any partition.
      const errno =
        writer.commitGroup(batches.map((bytes) => ({ bytes, count: bytes.readInt32BE(57) }))) || writer.sync();
      if (errno !== 0)
        throw new Error(`cannot append to lane ${piece.position.lane} of ${journal.directory}: errno ${errno}`);
    } finally {
      writer.close();
    }
    quarantine.markRepaired(piece);
  }
  const events = batches.reduce((sum, bytes) => sum + bytes.readInt32BE(57), 0);
  return { name: piece.name, bytes: piece.bytes, events };
}

/** Record batches at multiples of 64 whose own length, format and CRC are right. */
export function wholeBatches(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + batchHeaderBytes <= bytes.length; at += align) {
    const size = 12 + bytes.readInt32BE(at + 8);
    if (bytes[at + 16] !== 2 || size < batchHeaderBytes || at + size > bytes.length) continue;
    const batch = bytes.subarray(at, at + size);
    if (batch.readUInt32BE(17) !== crc32c(batch.subarray(21))) continue;
    found.push(batch);
    at += Math.ceil(size / align) * align - align;
  }
  return found;
}

function openLane(journal: Journal, lane: number): LaneWriter {
  const { identity, boot } = journal;
  return new LaneWriter(makeLane(journal.directory, lane), { lane, segmentBytes, node: identity.node, boot });
}

/** `penstock journal adopt` */
export function adopt({ journal, json }: JournalArguments): number {
  const lock = lockJournal(journal);
  try {
    const before = readChecked(`${journal}/identity`) as { node: number } | null | 'damaged';
    const { node } = loadIdentity(journal, true);
    const old = before === null || before === 'damaged' ? before : before.node;
    const text =
      old === node
        ? `${journal} is this machine's already (node ${node}); nothing was changed`
        : `${journal} is this machine's now, as node ${node} (before: ${old ?? 'none'}). Its events are kept. Make sure that the other machine no longer uses its copy.`;
    process.stdout.write(json ? `${JSON.stringify({ journal, node, before: old })}\n` : `${text}\n`);
    return ExitCode.ok;
  } finally {
    lock.release();
  }
}

function repairText({ journal, tornBytesCut, places, events }: RepairReport): string {
  const lines = [
    ...(tornBytesCut > 0 ? [`cut ${count(tornBytesCut, 'byte')} that were never committed`] : []),
    ...places.map(({ name, bytes, events }) =>
      events > 0
        ? `quarantine/${name}: ${count(events, 'event')} appended again`
        : `quarantine/${name}: nothing whole in ${count(bytes, 'byte')}; it stays there`,
    ),
    `${journal}: ${count(events, 'event')} recovered`,
  ];
  return `${lines.join('\n')}\n`;
}
