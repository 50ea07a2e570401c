import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/journal.js';
import { isThere, makeDirectories } from './files.js';

test('directories are made with what is missing above them, once', (t) => {
  const folder = temporaryDirectory(t);
  const wanted = join(folder, 'a/b/c');
  assert.equal(makeDirectories(wanted), join(folder, 'a'));
  assert.ok(statSync(wanted).isDirectory());
  assert.equal(makeDirectories(wanted), undefined);
  writeFileSync(join(folder, 'file'), '');
  assert.throws(() => makeDirectories(join(folder, 'file')), { code: 'EEXIST' });
  assert.throws(() => makeDirectories(join(folder, 'file/below')), { code: 'ENOTDIR' });
});

test('what cannot be looked for is not taken for missing', (t) => {
  const folder = temporaryDirectory(t);
  assert.deepEqual([isThere(folder), isThere(join(folder, 'none/below'))], [true, false]);
  symlinkSync('loop', join(folder, 'loop')); // as a directory that this user may not read, which root always may
  assert.throws(() => isThere(join(folder, 'loop/journal')), { code: 'ELOOP' });
});

test('a directory that the system does not let be made is refused, and not tried for ever', () => {
  const program = `import(${JSON.stringify(new URL('./files.js', import.meta.url).href)}).then(({ makeDirectories }) => {
    try { makeDirectories('/proc/penstock/data'); } catch (error) { console.log(error.code); }
  })`;
  // Apart, since what spins cannot be stopped from within.
  const { stdout } = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  assert.equal(stdout, 'ENOENT\n');
});
