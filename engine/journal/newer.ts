import { closeSync, openSync } from 'node:fs';
import { OperatingError } from '../errors.js';
import { listLanes, listSegments, newerVersion, segmentPath } from './segments.js';

/**
 * A later version of Penstock may have written here, before somebody went back to this one: what it wrote would be read as damaged, if at all.
 * @throws OperatingError JOURNAL_NEWER
 */
export function refuseNewer(journal: string): void {
  for (const lane of listLanes(journal)) {
    const last = listSegments(journal, lane).at(-1);
    if (last === undefined) continue;
    const path = segmentPath(journal, lane, last);
    const version = versionIn(path);
    if (version === null) continue;
    throw new OperatingError(
      'JOURNAL_NEWER',
      `${path} is of a later version of Penstock: format ${version}, which this one does not know`,
      'use that version, or another directory (PENSTOCK_DATA, --data)',
    );
  }
}

/** null: one that is known; or the file is gone, or its memory with another process. */
function versionIn(path: string): number | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return newerVersion(fd);
  } finally {
    closeSync(fd);
  }
}
