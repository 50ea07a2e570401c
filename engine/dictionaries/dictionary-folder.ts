/**
 * Dictionaries beside the journal: whatever was written with one can be read as long as the folder is there. Files are never changed, nor
 * deleted once a frame needs them: `<id>.zdict` each, and `in-use.json`, which says which source uses which.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dictionaryFile, dictionaryId, dictionaryName } from '../../native/dictionaries.js';
import { replaceFile } from '../journal/files.js';

export class DictionaryFolder {
  constructor(readonly path: string) {}

  /** Durable when it returns. */
  save(id: number, bytes: Uint8Array): void {
    mkdirSync(this.path, { recursive: true });
    const file = join(this.path, dictionaryFile(id));
    if (!existsSync(file)) replaceFile(file, bytes);
  }

  /** One that nothing was ever written with. */
  forget(id: number): void {
    rmSync(join(this.path, dictionaryFile(id)), { force: true });
  }

  /** Durable when it returns: which id each source uses. */
  saveInUse(inUse: ReadonlyMap<string, number>): void {
    replaceFile(join(this.path, 'in-use.json'), `${JSON.stringify(Object.fromEntries(inUse), null, 2)}\n`);
  }

  /** Which id each source used last; nothing where there is no folder yet. @throws when the list is damaged */
  inUse(): Map<string, number> {
    const list = join(this.path, 'in-use.json');
    if (!existsSync(list)) return new Map();
    const inUse: unknown = JSON.parse(readFileSync(list, 'utf8'));
    if (typeof inUse !== 'object' || inUse === null || !Object.values(inUse).every(Number.isInteger))
      throw new Error(`${list} is not what Penstock wrote: ids by source`);
    return new Map(Object.entries(inUse));
  }

  /** Every dictionary there is. */
  ids(): number[] {
    const names = existsSync(this.path) ? readdirSync(this.path) : [];
    return names.flatMap((name) => {
      const id = Number.parseInt(name, 16);
      return name === dictionaryFile(id) ? [id] : [];
    });
  }

  /** @throws when it is missing, damaged, or another one */
  read(id: number): Uint8Array {
    const file = join(this.path, dictionaryFile(id));
    const bytes = readFileSync(file);
    const found = dictionaryId(bytes);
    if (found !== id) throw new Error(`${file} holds the dictionary ${dictionaryName(found)}: somebody replaced it`);
    return bytes;
  }
}
