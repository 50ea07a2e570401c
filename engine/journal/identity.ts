import { createHash, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { OperatingError } from '../errors.js';
import { readChecked, writeChecked } from './files.js';

/** Who writes this journal. Part of every event's id, so it is chosen once and kept. */
export interface JournalIdentity {
  /** Random, 32 bits, never 0. */
  readonly node: number;
  /** Fingerprint of the machine that wrote last: a copied journal is told by it. */
  readonly machine: string;
}

/**
 * The identity kept in `directory`, made on first use.
 * @param adopt the operator says that the journal was moved here on purpose
 * @throws OperatingError JOURNAL_OF_OTHER_MACHINE, JOURNAL_IDENTITY_DAMAGED
 */
export function loadIdentity(directory: string, adopt = false, machine = machineFingerprint()): JournalIdentity {
  const path = join(directory, 'identity');
  const stored = readChecked(path) as JournalIdentity | null | 'damaged';
  if (stored === 'damaged' && !adopt) {
    throw new OperatingError(
      'JOURNAL_IDENTITY_DAMAGED',
      `${path} is damaged`,
      'run `penstock journal adopt` to give the journal a new identity; its events are kept',
    );
  }
  if (stored !== null && stored !== 'damaged' && stored.machine === machine) return stored;
  if (stored !== null && stored !== 'damaged' && !adopt) {
    throw new OperatingError(
      'JOURNAL_OF_OTHER_MACHINE',
      `the journal ${directory} was written on another machine: if that one still runs, events would be sent twice`,
      'run `penstock journal adopt` once the other machine no longer uses it, or choose an empty data directory',
    );
  }
  const identity: JournalIdentity = { node: randomInt(1, 2 ** 32), machine };
  saveIdentity(directory, identity);
  return identity;
}

/** The identity kept in `directory`; null: none, or a damaged one. */
export function readIdentity(directory: string): JournalIdentity | null {
  const stored = readChecked(join(directory, 'identity')) as JournalIdentity | null | 'damaged';
  return stored === 'damaged' ? null : stored;
}

export function saveIdentity(directory: string, identity: JournalIdentity): void {
  writeChecked(join(directory, 'identity'), identity);
}

function machineFingerprint(): string {
  let id = hostname(); // where there is no machine id (some containers)
  try {
    id = readFileSync('/etc/machine-id', 'utf8').trim() || id;
  } catch {
    // keep the host name
  }
  return createHash('sha256').update(`penstock ${id}`).digest('hex').slice(0, 32);
}
