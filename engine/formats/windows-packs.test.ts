/** Windows' events mean the same in XML and in JSON: what the two packs do with them is written in both. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ownFormats } from './load.js';

/** The steps behind those that say what the names of the form are. */
function meaning(pack: string): string {
  const text = readFileSync(join(ownFormats, pack, 'pack.yaml'), 'utf8');
  const start = text.indexOf('  - set: {event.code:');
  assert.notEqual(start, -1);
  return text.slice(start);
}

test('windows-json and windows-xml take the same from an event', () => {
  assert.equal(meaning('windows-json'), meaning('windows-xml'));
});
