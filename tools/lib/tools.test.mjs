import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { withLock } from './lock.mjs';
import { nodeProblem } from './prerequisites.mjs';
import { inParallel, root, run } from './run.mjs';
import { filesBelow, hashInputs, isFresh, setStamp } from './stamp.mjs';

const folder = relative(root, mkdtempSync(join(root, '.tools-test-')));
const inFolder = (name) => join(folder, name);
after(() => rmSync(join(root, folder), { recursive: true, force: true }));

test('a Node that is too old is told what to install', () => {
  assert.match(nodeProblem('20.18.1'), /Node 20\.18\.1 is too old: install Node 20\.19 or later/);
  assert.match(nodeProblem('18.20.0'), /too old/);
  for (const good of ['20.19.0', '22.1.0', '24.0.0']) assert.equal(nodeProblem(good), '');
});

test('a step is fresh until an input changes, comes, goes, or a product is missing', () => {
  const input = inFolder('inputs/a.txt');
  setStamp(input, 'one'); // writes a file as well as any
  const stamp = inFolder('stamp');
  const hash = () => hashInputs([inFolder('inputs')]);
  const fresh = () => isFresh(stamp, hash(), [input]);
  assert.equal(fresh(), false);
  setStamp(stamp, hash());
  assert.equal(fresh(), true);
  writeFileSync(join(root, input), 'two');
  assert.equal(fresh(), false);
  setStamp(stamp, hash());
  setStamp(inFolder('inputs/b.txt'), 'new');
  assert.equal(fresh(), false);
  setStamp(stamp, hash());
  assert.equal(isFresh(stamp, hash(), [input, inFolder('gone')]), false);
  setStamp(stamp, null);
  assert.equal(existsSync(join(root, stamp)), false);
  assert.deepEqual(filesBelow(inFolder('inputs')), [inFolder('inputs/a.txt'), inFolder('inputs/b.txt')]);
});

test('one holder of a lock at a time; the lock of a process that is gone is taken over', async () => {
  const lock = inFolder('lock');
  writeFileSync(join(root, lock), '4194305'); // above Linux' largest process id
  let holders = 0;
  const work = async () => {
    assert.equal(++holders, 1);
    await delay(20);
    holders--;
  };
  await Promise.all([withLock(lock, work), withLock(lock, work)]);
  await assert.rejects(
    withLock(lock, () => Promise.reject(new Error('inside'))),
    /inside/,
  );
  assert.equal(existsSync(join(root, lock)), false, 'given up after a failure');
});

test('programs run in parallel keep the order of their results; failures and limits are told', async () => {
  const answers = await inParallel([30, 10, 1], 2, async (ms) => {
    await delay(ms);
    return ms;
  });
  assert.deepEqual(answers, [30, 10, 1]);
  assert.equal((await run('true', [])).code, 0);
  const missing = await run('no-such-program', []);
  assert.deepEqual([missing.code, /no-such-program/.test(missing.output)], [-1, true]);
  const slow = await run('sleep', ['600'], { timeoutMs: 50 });
  assert.equal(slow.code, -1);
  assert.match(slow.output, /limit 50 ms/);
});
