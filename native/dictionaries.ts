/** zstd dictionaries (RFC 8878, section 5): trained, tried, and known to this process for reading frames. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodecError, typedErrors } from './codecs.js';
import { loadAddon } from './load.js';

interface DictionariesAddon {
  registerDictionary(bytes: Uint8Array): number;
  dictionaryId(bytes: Uint8Array): number;
  trainDictionary(
    samples: Uint8Array,
    sizes: Uint32Array,
    max: number,
    current: Uint8Array | undefined,
    level: number,
  ): Promise<DictionaryTrial>;
}

/** Largest dictionary, as readers bound it. */
export const dictionaryBytesMax = 256 * 1024;

/** A trained dictionary, and what the samples it has not seen become: bytes in all, each sample compressed by itself. */
export interface DictionaryTrial {
  readonly candidate: Uint8Array;
  readonly plain: number;
  readonly without: number;
  /** With the dictionary in use; without one the same as `without`. */
  readonly current: number;
  readonly with: number;
}

/** Frames that need it can be read from now on, in every thread of the process. Its id. @throws CodecError when it is none, or another one has the id */
export function registerDictionary(bytes: Uint8Array): number {
  const id = typedErrors(() => addon().registerDictionary(bytes));
  known.add(id);
  return id;
}

/** The id that a dictionary carries. @throws CodecError when it is none */
export function dictionaryId(bytes: Uint8Array): number {
  return typedErrors(() => addon().dictionaryId(bytes));
}

/** Trains on a thread of its own; every fifth sample is held back for the trial. Rejects with CodecError, also when the samples are too few. */
export async function trainDictionary(
  { bytes, sizes }: { readonly bytes: Uint8Array; readonly sizes: Uint32Array },
  options: { readonly bytesMax: number; readonly current: Uint8Array | null; readonly level: number },
): Promise<DictionaryTrial> {
  try {
    return await addon().trainDictionary(bytes, sizes, options.bytesMax, options.current ?? undefined, options.level);
  } catch (cause) {
    throw new CodecError('BAD_PARAMETER', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** How a dictionary is called in folders, topics and messages: its id in hexadecimal. */
export function dictionaryName(id: number): string {
  return id.toString(16).padStart(8, '0');
}

/** Its file in a folder of dictionaries. */
export function dictionaryFile(id: number): string {
  return `${dictionaryName(id)}.zdict`;
}

const folders = new Set<string>();
/** Known to the process, as far as this thread has seen. */
const known = new Set<number>();

/** Frames that need a dictionary not known yet look for it here from now on. */
export function readDictionariesFrom(folder: string): void {
  folders.add(folder);
}

/** Looks for a dictionary in the folders told of, and makes it known. One that is damaged, or is another, is an error that says so. @throws CodecError */
export function findDictionary(id: number): void {
  for (const folder of known.has(id) ? [] : folders) {
    const path = join(folder, dictionaryFile(id));
    if (!existsSync(path)) continue;
    let found: number;
    try {
      const bytes = readFileSync(path);
      found = dictionaryId(bytes);
      if (found === id) registerDictionary(bytes);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CodecError('NO_DICTIONARY', `the dictionary ${path} cannot be read: ${why}`, { cause });
    }
    if (found === id) return;
    throw new CodecError(
      'NO_DICTIONARY',
      `${path} holds the dictionary ${dictionaryName(found)}: somebody replaced it`,
    );
  }
}

function addon(): DictionariesAddon {
  return loadAddon<DictionariesAddon>('penstock_codecs');
}
