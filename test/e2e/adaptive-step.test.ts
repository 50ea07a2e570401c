/** The compression level of the real program under a load step, as `adaptive_step` of the bench measures it, without its times. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { measureCapacity, type StepPlan, type StepSeen, stepLoad } from '../../bench/lib/load-step.js';

const folder = mkdtempSync(join(tmpdir(), 'penstock-step-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** From the lowest level up to 1 takes three times three calm seconds; more where others use the machine. */
const seconds: StepPlan['seconds'] = { capacity: 2, calm: 4, step: 5, after: 180 };
/** A machine whose other users have left since the capacity was measured can do more than that. */
const stepLoads = [1.2, 2.4, 5];

// How often it changes on the way depends on who else uses the machine; that it does not go to and fro is shown with a simulated clock.
test('the level falls when the load steps to more than there is room for, comes back, and no event is lost', async (t) => {
  const capacity = await measureCapacity(seconds.capacity, folder);
  let seen: StepSeen | undefined;
  for (const load of stepLoads) {
    seen = await stepLoad(capacity, { seconds, calmLoad: 0.3, stepLoad: load, folder });
    assert.equal(seen.lost, 0, 'every event is delivered');
    assert.equal(seen.unaccounted, 0);
    t.diagnostic(`${seen.changes} changes, levels ${seen.levels}`);
    if (seen.overloaded) break;
  }
  assert.ok(seen?.overloaded, `no load was too much: ${JSON.stringify(seen)}`);
  assert.ok(!Number.isNaN(seen.fallMs), `it yields: levels ${seen.levels}`);
  assert.ok(!Number.isNaN(seen.backMs), `it comes back: levels ${seen.levels}`);
});
