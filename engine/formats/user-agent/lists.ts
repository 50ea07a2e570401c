/** The lists of uap-core as the native matcher takes them (native/src/packs/blocks/user_agent.h). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../native/load.js';

const unit = '\x1f';
/** What a user agent's text says. */
export const userAgentNames = ['name', 'version', 'os.name', 'os.version', 'os.full', 'device.name'].map(
  (name) => `user_agent.${name}`,
);

let read: readonly string[] | undefined;

/** Rows "list US pattern US template …". */
export function userAgentRows(): readonly string[] {
  if (read) return read;
  const file = join(projectRoot, 'engine/formats/user-agent/data/lists.json');
  const rows = JSON.parse(readFileSync(file, 'utf8')) as string[][];
  read = rows.map(([list = '', pattern = '', ...templates]) => [list, asciiClasses(pattern), ...templates].join(unit));
  return read;
}

const classes: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: ' \\t\\n\\r\\f\\v' };

/** \\d, \\w, \\s and \\b of ASCII alone, as the lists mean them: programs are then a tenth as large. */
function asciiClasses(pattern: string): string {
  let inClass = false;
  return pattern.replace(/\\.|\[\^?|\]/g, (piece) => {
    if (piece.startsWith('[')) {
      const opens = !inClass;
      inClass = true;
      return opens ? piece : `\\${piece}`;
    }
    if (piece === ']') inClass = false;
    if (piece === '\\b' && !inClass) return '(?-u:\\b)';
    const inside = classes[piece.slice(1)];
    if (!piece.startsWith('\\') || inside === undefined) return piece;
    return inClass ? inside : `[${inside}]`;
  });
}
