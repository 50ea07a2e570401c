import { unlink } from 'node:fs';
import { listGone, listLanes, listSpares } from './segments.js';

/**
 * Deletes what retired segments leave: files that wait to be deleted, and spare files that are too many. On threads of its own, since
 * deleting a file of some ten megabytes takes as many milliseconds. A spare that a writer takes meanwhile is the writer's.
 */
export class Leftovers {
  /** Why a file could not be deleted, which is tried again; '' when all could. */
  problem = '';
  readonly #deleting = new Set<string>();

  constructor(private readonly journal: string) {}

  /** @param sparesMax by lane; more of them are deleted, the oldest first */
  delete(sparesMax: number): void {
    for (const lane of listLanes(this.journal)) {
      for (const path of listGone(this.journal, lane)) this.#delete(path);
      const spares = listSpares(this.journal, lane);
      for (const path of spares.slice(0, Math.max(0, spares.length - sparesMax))) this.#delete(path);
    }
  }

  #delete(path: string): void {
    if (this.#deleting.has(path)) return;
    this.#deleting.add(path);
    unlink(path, (error) => {
      this.#deleting.delete(path);
      this.problem = error === null || error.code === 'ENOENT' ? '' : `${path}: ${error.code ?? error.message}`;
    });
  }
}
