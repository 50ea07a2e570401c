/** What the build made of the packs is what compiling them makes, and is only used for them. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { builtFormats, textHash } from './built.js';
import { loadFormats, loadOwn, ownFormats, readDirectory } from './load.js';

test('the built formats are those of the packs, and are what a start uses', () => {
  const built = builtFormats();
  assert.ok(built, 'the build made dist/formats.bin');
  assert.equal(loadFormats(null), built.compiled);
  const { sources, compiled } = loadOwn();
  assert.deepEqual(
    sources.map(({ pack }) => pack.name),
    [...built.packs.keys()],
  );
  assert.ok(Buffer.from(compiled.plan).equals(Buffer.from(built.compiled.plan)));
  for (const { pack, text, shared } of sources) {
    const included = [...shared.values()].map((steps) => steps.text);
    assert.equal(built.packs.get(pack.name)?.text, textHash(text, ...included));
  }
});

test("a user's pack of the same name is read, not taken from the build", () => {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-formats-'));
  try {
    mkdirSync(join(folder, 'sshd'));
    const text = 'name: sshd\ntitle: Mine\nrecognise:\n  - app: [mine]\nset: {event.kind: event}\nsteps: []\n';
    writeFileSync(join(folder, 'sshd/pack.yaml'), text);
    const packs = loadFormats(folder).packs;
    assert.equal(packs.find(({ name }) => name === 'sshd')?.title, 'Mine');
    assert.equal(packs.length, readDirectory(ownFormats, []).length);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
