import { crc32c, LaneWriter } from '../../native/journal.js';
import { readChecked } from '../journal/files.js';
import { loadIdentity } from '../journal/identity.js';
import { Journal } from '../journal/journal.js';
import { lockJournal } from '../journal/lock.js';
import { Quarantine, type QuarantinedPiece } from '../journal/quarantine.js';
import { eventCount } from '../journal/records.js';
import { makeLane } from '../journal/segments.js';
import { ExitCode } from './exit-codes.js';
import type { JournalArguments } from './journal.js';
import { RepairPlaces } from './repair-places.js';
import { count } from './report-error.js';

const segmentBytes = 64 * 2 ** 20;
const align = 64;
const batchHeaderBytes = 61;
const entryMagic = 0x0145e489;
const saltOffset = 16;
const placeOffset = 24;

interface RepairReport {
  readonly journal: string;
  readonly tornBytesCut: number;
  readonly places: readonly RepairedPlace[];
  readonly events: number;
}

interface RepairedPlace {
  readonly name: string;
  readonly bytes: number;
  /** Appended again. */
  readonly events: number;
  /** Of these: with a key whose partition is not known, so that they may go to any. */
  readonly eventsOfAnyPartition: number;
  /** Whole, but it cannot be told which route they belong to: they stay where they are. */
  readonly eventsOfAnyRoute: number;
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
    const known = new RepairPlaces();
    for (const lane of journal.lanes()) {
      const reader = journal.reader(lane, null);
      for (let batches = reader.read(); batches.length > 0; batches = reader.read()) {
        for (const batch of batches) {
          known.note(batch);
          batch.release();
        }
      }
      reader.close();
      const writer = openLane(journal, lane);
      tornBytesCut += writer.recovery().tornBytes;
      writer.close();
    }
    const quarantine = new Quarantine(directory);
    const open = quarantine.list().filter((piece) => !piece.repaired);
    const places = open.map((piece) => repairPiece(journal, quarantine, piece, known));
    return { journal: directory, tornBytesCut, places, events: places.reduce((sum, { events }) => sum + events, 0) };
  } finally {
    journal.close();
  }
}

function repairPiece(
  journal: Journal,
  quarantine: Quarantine,
  piece: QuarantinedPiece,
  known: RepairPlaces,
): RepairedPlace {
  const batches = wholeBatches(quarantine.read(piece), piece).map((bytes) => {
    return { bytes, count: eventCount(bytes), place: known.placeOf(bytes) };
  });
  const placed = batches.flatMap(({ bytes, count, place }) => (place === null ? [] : [{ bytes, count, ...place }]));
  if (placed.length > 0) {
    const writer = openLane(journal, piece.position.lane);
    try {
      const errno = writer.commitGroup(placed) || writer.sync();
      if (errno !== 0)
        throw new Error(`cannot append to lane ${piece.position.lane} of ${journal.directory}: errno ${errno}`);
    } finally {
      writer.close();
    }
    quarantine.markRepaired(piece);
  }
  const eventsOf = (some: readonly { readonly count: number }[]) => some.reduce((sum, one) => sum + one.count, 0);
  return {
    name: piece.name,
    bytes: piece.bytes,
    events: eventsOf(placed),
    eventsOfAnyPartition: eventsOf(placed.filter(({ sure }) => !sure)),
    eventsOfAnyRoute: eventsOf(batches.filter(({ place }) => place === null)),
  };
}

/**
 * Record batches at multiples of 64 whose own length, format and CRC are right, but not those of another segment that had the file before or
 * after: they have been delivered, or are elsewhere.
 */
export function wholeBatches(bytes: Buffer, piece: Pick<QuarantinedPiece, 'position' | 'salt' | 'used'>): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + batchHeaderBytes <= bytes.length; at += align) {
    const size = 12 + bytes.readInt32BE(at + 8);
    if (bytes[at + 16] !== 2 || size < batchHeaderBytes || at + size > bytes.length) continue;
    const batch = bytes.subarray(at, at + size);
    if (batch.readUInt32BE(17) !== crc32c(batch.subarray(21))) continue;
    if (isOfSegment(bytes, at, piece)) found.push(batch);
    at += Math.ceil(size / align) * align - align;
  }
  return found;
}

/** By the salt in what is left of the entry header before the body at `at`: 64 bytes, and up to twice as many of event times. */
function isOfSegment(bytes: Buffer, at: number, { position, salt, used }: Parameters<typeof wholeBatches>[1]): boolean {
  if (salt === null) return true;
  const own = Buffer.alloc(4);
  own.writeUInt32LE(salt);
  for (const header of [1, 2, 3].map((pieces) => at - pieces * align)) {
    if (header < 0) continue;
    if (own.filter((byte, i) => byte === bytes[header + saltOffset + i]).length >= 3) return true;
    const place = (position.offset + header) / align;
    if (bytes.readUInt32LE(header) === entryMagic && bytes.readUInt32LE(header + placeOffset) === place) return false;
  }
  return !used;
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
    ...places.flatMap(describePlace),
    `${journal}: ${count(events, 'event')} recovered`,
  ];
  return `${lines.join('\n')}\n`;
}

function describePlace({ name, bytes, events, eventsOfAnyPartition, eventsOfAnyRoute }: RepairedPlace): string[] {
  const file = `quarantine/${name}`;
  if (events > 0 && eventsOfAnyPartition > 0) {
    const some = count(eventsOfAnyPartition, 'event');
    return [
      `${file}: ${count(events, 'event')} appended again; the partition of the key of ${some} is not known: any gets them`,
    ];
  }
  if (events > 0) return [`${file}: ${count(events, 'event')} appended again`];
  if (eventsOfAnyRoute > 0)
    return [`${file}: ${count(eventsOfAnyRoute, 'event')} may belong to any of the routes in use, and stay there`];
  return [`${file}: nothing whole in ${count(bytes, 'byte')}; it stays there`];
}
