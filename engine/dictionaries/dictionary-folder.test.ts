import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/journal.js';
import { DictionaryFolder } from './dictionary-folder.js';

test('a dictionary that a disk takes a part of is refused, and none is there', (t) => {
  const folder = new DictionaryFolder(join(temporaryDirectory(t), 'dictionaries'));
  const script = `
    const { DictionaryFolder } = await import(${JSON.stringify(new URL('./dictionary-folder.js', import.meta.url).href)});
    new DictionaryFolder(${JSON.stringify(folder.path)}).save(7, Buffer.alloc(65536));
  `;
  const limited = ['-c', 'ulimit -f 8; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', script];
  const { status, stderr } = spawnSync('sh', limited, { encoding: 'utf8' });
  assert.deepEqual([status, folder.ids()], [1, []]);
  assert.match(stderr, /EFBIG/);
});
