/** The small files of a journal under torn writes, writes out of order, failed syncs and a full disk, from seeds. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../../test/support/journal.js';
import { PowerFailures } from '../../test/support/power-failure.js';
import { Random } from '../../test/support/random.js';
import type { JournalPosition } from '../contracts.js';
import { readCursor, SinkCursor } from './cursor.js';
import { readChecked, writeChecked } from './files.js';

const seeds = 100;

/** Each seed once, below a directory of its own; `run` may `cut` to one. */
function eachSeed(t: TestContext, run: (disk: PowerFailures, random: Random, directory: string) => void): void {
  for (let seed = 0; seed < seeds; seed++) {
    const directory = join(temporaryDirectory(t), String(seed));
    mkdirSync(directory);
    const random = new Random(seed);
    const disk = new PowerFailures(directory, random);
    try {
      run(disk, random, directory);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    } finally {
      disk.end();
    }
  }
}

test('a cursor is never behind what it said is durable, and never where it was not', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
  eachSeed(t, (disk, random, directory) => {
    const lanes = random.pick([1, 3, 40, 200]);
    let cursor = new SinkCursor(directory, 'sink');
    disk.fault = random.pick([0, 0.1]);
    const latest = new Map<number, JournalPosition>();
    const durable = new Map<number, number>();
    for (let step = random.between(1, 60); step > 0; step--) {
      for (let moves = random.between(0, lanes); moves > 0; moves--) {
        const lane = random.between(0, lanes - 1);
        const offset = (latest.get(lane)?.offset ?? 64) + 64 * random.between(1, 1000);
        latest.set(lane, { lane, segment: 1, offset });
        // What was passed over is told by the offset, so that both must be of one moment.
        cursor.advance({ lane, segment: 1, offset }, offset - cursor.passed(lane));
      }
      cursor.save(random.next() < 0.1);
      if (random.next() < 0.3) disk.finishSyncs();
      t.mock.timers.tick(random.pick([1, 400, 1500]));
      for (let lane = 0; lane < lanes; lane++) durable.set(lane, cursor.durable(lane)?.offset ?? 0);
      if (random.next() < 0.05) {
        cursor = new SinkCursor(directory, 'sink'); // the process was killed: what it wrote is there
        for (let lane = 0; lane < lanes; lane++) {
          const offset = cursor.position(lane)?.offset ?? 0;
          assert.ok(offset >= (durable.get(lane) ?? 0), `lane ${lane} after a kill`);
          if (offset === 0) latest.delete(lane);
          else latest.set(lane, { lane, segment: 1, offset });
        }
      }
    }
    const after = temporaryDirectory(t);
    disk.cut(after);
    const found = readCursor(after, 'sink');
    for (let lane = 0; lane < lanes; lane++) {
      const { position, passed } = found?.get(lane) ?? { position: { offset: 0 }, passed: 0 };
      assert.ok(position.offset >= (durable.get(lane) ?? 0), `lane ${lane}: ${position.offset} < ${durable.get(lane)}`);
      assert.ok(position.offset <= (latest.get(lane)?.offset ?? 0), `lane ${lane} was never there`);
      assert.equal(passed, position.offset, `lane ${lane}: position and count are of one moment`);
    }
  });
});

test('identity and boot are what was written last, or before that where writing was cut short; never damaged', (t) => {
  eachSeed(t, (disk, random, directory) => {
    disk.fault = random.pick([0, 0.2]);
    const path = join(directory, 'boot');
    let [written, tried] = [0, 0];
    for (let i = random.between(1, 20); i > 0; i--) {
      tried++;
      try {
        writeChecked(path, { boot: tried, filler: 'x'.repeat(random.between(0, 3000)) });
        written = tried;
      } catch {
        // told to whoever asked; the file must be whole all the same
      }
    }
    const after = temporaryDirectory(t);
    disk.cut(after);
    const stored = readChecked(join(after, 'boot'));
    assert.notEqual(stored, 'damaged');
    const boot = stored === null ? 0 : (stored as { boot: number }).boot;
    assert.ok(boot >= written && boot <= tried, `${boot}, written ${written}, tried ${tried}`);
  });
});
