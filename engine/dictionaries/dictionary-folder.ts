/**
 * Dictionaries beside the journal: whatever was written with one can be read as long as the folder is there. Files are never changed or
 * deleted: `<id>.zdict` each, and `in-use.json`, which says which source uses which.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { dictionaryFile } from '../../native/dictionaries.js';

export class DictionaryFolder {
  constructor(readonly path: string) {}

  /** Durable when it returns. */
  save(id: number, bytes: Uint8Array): void {
    mkdirSync(this.path, { recursive: true });
    const file = join(this.path, dictionaryFile(id));
    if (!existsSync(file)) this.#write(file, bytes);
  }

  /** Durable when it returns: which id each source uses. */
  saveInUse(inUse: ReadonlyMap<string, number>): void {
    this.#write(join(this.path, 'in-use.json'), Buffer.from(`${JSON.stringify(Object.fromEntries(inUse), null, 2)}\n`));
  }

  /** What each source used last; nothing where there is no folder yet. @throws when a file is damaged or missing */
  load(): Map<string, Uint8Array> {
    const list = join(this.path, 'in-use.json');
    if (!existsSync(list)) return new Map();
    const inUse = Object.entries(JSON.parse(readFileSync(list, 'utf8')) as Record<string, number>);
    return new Map(inUse.map(([source, id]) => [source, readFileSync(join(this.path, dictionaryFile(id)))]));
  }

  #write(file: string, bytes: Uint8Array): void {
    const draft = `${file}.new`;
    const descriptor = openSync(draft, 'w', 0o640);
    writeSync(descriptor, bytes);
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(draft, file);
    const folder = openSync(this.path, 'r');
    fsyncSync(folder);
    closeSync(folder);
  }
}
