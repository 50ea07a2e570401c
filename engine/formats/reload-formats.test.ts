/** Packs compiled in a thread of their own: the same plan, the same mistakes, and nothing waits for it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Formats } from './formats.js';
import { counterNames } from './load.js';

function directory(t: TestContext): { path: string; write: (name: string, text: string) => void } {
  const path = mkdtempSync(join(tmpdir(), 'penstock-reload-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  const write = (name: string, text: string) => {
    mkdirSync(join(path, name), { recursive: true });
    writeFileSync(join(path, name, 'pack.yaml'), `name: ${name}\ntitle: ${name}\n${text}`);
  };
  return { path, write };
}

test('the same as at the start, with the same places among the counters, while others go on', async (t) => {
  const { path, write } = directory(t);
  write('door', 'recognise: [{app: doord}]\nsteps: []\n');
  const before = Formats.load(path);
  const counters = [...counterNames()];
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const again = await Formats.reload(path);
  clearInterval(timer);
  assert.ok(again.same(before));
  assert.equal(again.count, before.count);
  assert.deepEqual(counterNames(), counters);
  assert.ok(turns > 20, `${turns} turns of the event loop meanwhile`);

  write('gate', 'recognise: [{app: gated}]\nsteps: []\n');
  const more = await Formats.reload(path);
  assert.equal(more.count, before.count + 1);
  assert.deepEqual(counterNames(), [...counters, 'gate']);
  assert.ok(more.same(Formats.load(path)));
});

test('mistakes are told as at the start', async (t) => {
  const { path, write } = directory(t);
  write('door', 'recognise: [{app: doord}]\nsteps: [{match: "%{a:nonsense}"}]\n');
  await assert.rejects(Formats.reload(path), { code: 'FORMATS_INVALID', message: /there is no kind nonsense/ });
  await assert.rejects(Formats.reload(join(path, 'nowhere')), { code: 'FORMATS_DIRECTORY' });
});
