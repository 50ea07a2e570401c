import { readSync } from 'node:fs';
import { basename, join } from 'node:path';
import { crc32c } from '../../native/journal.js';
import { makeDirectory } from './files.js';
import { namesIn } from './listing.js';

/** A boot's first segment has the boot number times this for number. */
export const segmentsPerBoot = 2 ** 20;
/** Bytes of a segment's header; its first entry follows. */
export const segmentHeaderBytes = 64;

const magic = Buffer.from('\x89PNSEG1\n', 'latin1');
const version = 2;
/** Entries of segments of this version are not bound to the segment's number. */
const versionUnbound = 1;

export interface SegmentHeader {
  readonly lane: number;
  readonly node: number;
  readonly boot: number;
  readonly salt: number;
  readonly segment: number;
  readonly createdMs: number;
  readonly version: number;
  /** Size the file had from an earlier life; 0: it was made anew. */
  readonly formerBytes: number;
}

/**
 * The priority batches of a lane, in their order, are known under a number of their own wherever a position is kept: cursors, send logs.
 * Their bytes are in the lane's segments, in one group with what came beside them.
 */
const priorityLanes = 1000;
export const priorityLane = (lane: number): number => (lane % priorityLanes) + priorityLanes;
export const isPriorityLane = (lane: number): boolean => lane >= priorityLanes;
/** The lane whose segments hold it. */
export const laneOf = (lane: number): number => lane % priorityLanes;

export function laneDirectory(journal: string, lane: number): string {
  return join(journal, `lane-${String(laneOf(lane)).padStart(3, '0')}`);
}

/** Makes the directory of a lane; answers its path. */
export function makeLane(journal: string, lane: number): string {
  const path = laneDirectory(journal, lane);
  makeDirectory(path);
  return path;
}

/** Numbers of the lanes there are, ascending. */
export function listLanes(journal: string): number[] {
  return matches(journal, /^lane-(\d{3})$/, 10);
}

/** Numbers of a lane's segments, ascending. */
export function listSegments(journal: string, lane: number): number[] {
  return matches(laneDirectory(journal, lane), /^([0-9a-f]{16})\.seg$/, 16);
}

export function segmentPath(journal: string, lane: number, segment: number): string {
  return join(laneDirectory(journal, lane), `${segment.toString(16).padStart(16, '0')}.seg`);
}

/** Paths of a lane's spare files, from the oldest to the youngest: segments that nobody needs, to be used again. */
export function listSpares(journal: string, lane: number): string[] {
  return paths(laneDirectory(journal, lane), /^[0-9a-f]{16}\.spare$/);
}

/** The number that the segment in a spare file had. */
export function spareNumber(path: string): number {
  return Number.parseInt(basename(path), 16);
}

/** Paths of a lane's files that are only waiting to be deleted. */
export function listGone(journal: string, lane: number): string[] {
  return paths(laneDirectory(journal, lane), /^[0-9a-f]{16}\.gone$/);
}

/** What checksums of a segment's entries begin with: they are bound to its number. */
export function entrySeed({ version, segment }: SegmentHeader): number {
  if (version === versionUnbound) return 0;
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt(segment));
  return crc32c(number);
}

/**
 * The header of an open segment; null when there is none (yet) or it is damaged; 'other': the file has the header of another segment, from
 * an earlier or a later life, and nothing in it is of this one.
 */
export function readSegmentHeader(fd: number, segment: number): SegmentHeader | null | 'other' {
  const bytes = Buffer.alloc(segmentHeaderBytes);
  if (readSync(fd, bytes, 0, segmentHeaderBytes, 0) < segmentHeaderBytes) return null;
  const found = bytes.readUInt16LE(8);
  if (!bytes.subarray(0, 8).equals(magic) || (found !== version && found !== versionUnbound)) return null;
  if (crc32c(bytes.subarray(0, 60)) !== bytes.readUInt32LE(60)) return null;
  if (found !== versionUnbound && bytes.readBigUInt64LE(24) !== BigInt(segment)) return 'other';
  return {
    version: found,
    formerBytes: Number(bytes.readBigUInt64LE(48)),
    lane: bytes.readUInt16LE(10),
    node: bytes.readUInt32LE(12),
    boot: bytes.readUInt32LE(16),
    salt: bytes.readUInt32LE(20),
    segment: Number(bytes.readBigUInt64LE(24)),
    createdMs: Number(bytes.readBigInt64LE(32) / 1_000_000n),
  };
}

/** The version in the header of an open segment, if this one does not know it; null: it does, or there is no whole header. */
export function newerVersion(fd: number): number | null {
  const bytes = Buffer.alloc(segmentHeaderBytes);
  if (readSync(fd, bytes, 0, segmentHeaderBytes, 0) < segmentHeaderBytes) return null;
  const found = bytes.readUInt16LE(8);
  const isWhole = bytes.subarray(0, 8).equals(magic) && crc32c(bytes.subarray(0, 60)) === bytes.readUInt32LE(60);
  return isWhole && found > version ? found : null;
}

function paths(directory: string, pattern: RegExp): string[] {
  return namesIn(directory)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(directory, name));
}

function matches(directory: string, pattern: RegExp, base: number): number[] {
  return namesIn(directory)
    .map((name) => pattern.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map((digits) => Number.parseInt(digits, base))
    .sort((a, b) => a - b);
}
