import { dirname, join } from 'node:path';

/** Where the dictionaries are that the frames of a journal may need: beside it. */
export function dictionaryFolderOf(journal: string): string {
  return join(dirname(journal), 'dictionaries');
}
