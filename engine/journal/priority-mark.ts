import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from './files.js';

/**
 * A journal that has, or ever had, priority batches says so in a file, made before the first of them is stored. Each run that follows
 * delivers them apart, whatever its settings: a batch handed over under the number of its lane in one run and under that of its
 * priority batches in the next would be another batch to every sink, and be delivered twice.
 */
export function hasPriorityMark(directory: string): boolean {
  return existsSync(path(directory));
}

/** Durable when it returns. @throws the system's error */
export function markPriority(directory: string): void {
  if (!hasPriorityMark(directory)) replaceFile(path(directory), 'priority batches are delivered apart\n');
}

const path = (directory: string): string => join(directory, 'priority');
