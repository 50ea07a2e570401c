import { loadAddon } from './load.js';

interface Addon {
  trimMemory(): void;
  pinThread(cpu: number): number;
}

/** Binds the calling thread to one CPU. Throws when the CPU does not exist or is not allowed. */
export function pinThread(cpu: number): void {
  const errno = loadAddon<Addon>().pinThread(cpu);
  if (errno !== 0)
    throw new Error(`cannot pin a worker to CPU ${cpu} (errno ${errno}): is it in this process's CPU set?`);
}

/** Gives the allocator's free pages back to the system (malloc_trim). */
export function trimMemory(): void {
  loadAddon<Addon>().trimMemory();
}
