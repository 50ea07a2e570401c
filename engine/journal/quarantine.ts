import { closeSync, openSync, readdirSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalPosition } from '../contracts.js';
import { makeDirectory, syncDirectory } from './files.js';
import type { DamagedPlace } from './lane-reader.js';

/** Damage beyond this is counted and reported, but no longer kept. */
const bytesMax = 256 * 2 ** 20;
const namePattern = /^lane-(\d{3,})-([0-9a-f]{16})-(\d+)(?:-([0-9a-f]{8})(-used)?)?(\.repaired)?$/;

export interface QuarantinedPiece {
  readonly name: string;
  readonly position: JournalPosition;
  readonly bytes: number;
  /** What the entries of its segment repeat; null: not known. */
  readonly salt: number | null;
  /** The file was another segment before, and what that left may be in the piece. */
  readonly used: boolean;
  /** `penstock journal repair` has taken what could be had from it. */
  readonly repaired: boolean;
}

/**
 * The damaged bytes that readers skipped, kept aside for repair: their segment is deleted once all else in it is delivered.
 *
 *   <journal>/quarantine/lane-000-<segment>-<offset>-<salt>[-used]
 */
export class Quarantine {
  readonly directory: string;
  #bytes = 0;

  constructor(journal: string) {
    this.directory = join(journal, 'quarantine');
    try {
      for (const piece of this.list()) this.#bytes += piece.bytes;
    } catch {
      // What cannot be listed is no reason not to start.
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The file's name; null when it is there already (another sink read it), there is no room, or the disk does not take it. */
  keep({ position, bytes, salt, used }: DamagedPlace): string | null {
    if (this.#bytes + bytes.length > bytesMax) return null;
    const name = pieceName(position, salt, used);
    try {
      makeDirectory(this.directory);
      if (statSync(join(this.directory, `${name}.repaired`), { throwIfNoEntry: false })) return null;
      const fd = openSync(join(this.directory, name), 'wx', 0o640);
      try {
        writeSync(fd, bytes);
      } finally {
        closeSync(fd);
      }
    } catch {
      return null;
    }
    this.#bytes += bytes.length;
    return name;
  }

  list(): QuarantinedPiece[] {
    let names: string[];
    try {
      names = readdirSync(this.directory).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return names.flatMap((name) => {
      const [, lane, segment, offset, salt, used, repaired] = namePattern.exec(name) ?? [];
      if (lane === undefined || segment === undefined) return [];
      const position = { lane: Number(lane), segment: Number.parseInt(segment, 16), offset: Number(offset) };
      const bytes = statSync(join(this.directory, name)).size;
      return [
        {
          name,
          position,
          bytes,
          salt: salt === undefined ? null : Number.parseInt(salt, 16),
          used: used !== undefined,
          repaired: repaired !== undefined,
        },
      ];
    });
  }

  read(piece: QuarantinedPiece): Buffer {
    return readFileSync(join(this.directory, piece.name));
  }

  markRepaired(piece: QuarantinedPiece): void {
    renameSync(join(this.directory, piece.name), join(this.directory, `${piece.name}.repaired`));
    syncDirectory(this.directory);
  }
}

function pieceName({ lane, segment, offset }: JournalPosition, salt: number | null, used: boolean): string {
  const ending = salt === null ? '' : `-${salt.toString(16).padStart(8, '0')}${used ? '-used' : ''}`;
  return `lane-${String(lane).padStart(3, '0')}-${segment.toString(16).padStart(16, '0')}-${offset}${ending}`;
}
