/**
 * Segments in memory (PENSTOCK_DURABILITY=memory): their names in the lanes' directories are symbolic links to a descriptor of the
 * process that writes them (native/src/journal/memory_segments.h). What reads through a name sees no difference. They end with the process:
 * one that ends by itself writes them to the disk first, one that is killed loses them.
 */
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from './files.js';
import { laneDirectory, listLanes, listSegments, segmentPath } from './segments.js';

const asideEnding = '.new';

/** Paths of the segments of a lane that are, or were, in memory, ascending. */
function memorySegments(journal: string, lane: number): string[] {
  return listSegments(journal, lane)
    .map((segment) => segmentPath(journal, lane, segment))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true);
}

/** Bytes in memory, of all lanes. */
export function memoryBytes(journal: string): number {
  const paths = listLanes(journal).flatMap((lane) => memorySegments(journal, lane));
  return paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/**
 * Takes away the names of what a killed process had in memory; answers how many segments. In place of a lane's last one comes an empty
 * segment, since it carries the numbering on: a cursor that stands in it must not be taken for one of another journal.
 */
export function sweepLost(journal: string): number {
  let lost = 0;
  for (const lane of listLanes(journal)) {
    const last = listSegments(journal, lane).at(-1);
    for (const path of memorySegments(journal, lane)) {
      lost++;
      if (last === undefined || path !== segmentPath(journal, lane, last)) unlinkSync(path);
      else {
        writeFileSync(path + asideEnding, '', { mode: 0o640 });
        renameSync(path + asideEnding, path);
      }
    }
    const directory = laneDirectory(journal, lane);
    for (const name of readdirSync(directory))
      if (name.endsWith(`.seg${asideEnding}`)) rmSync(join(directory, name), { force: true });
  }
  return lost;
}

/**
 * Writes to the disk, durably, what this process has in memory, under the same names; answers how many segments. The oldest first: should
 * the disk be full, what is lost is the end.
 * @throws the system's error
 */
export function keepOnDisk(journal: string): number {
  let kept = 0;
  for (const lane of listLanes(journal)) {
    const paths = memorySegments(journal, lane);
    for (const path of paths) {
      copyFileSync(path, path + asideEnding);
      const fd = openSync(path + asideEnding, 'r');
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(path + asideEnding, path);
      kept++;
    }
    if (paths.length > 0) syncDirectory(laneDirectory(journal, lane));
  }
  return kept;
}
