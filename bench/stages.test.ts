import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stageFigures, stageNames } from './stages.js';

test('a stage costs what it adds within a round', () => {
  // Each round is ten times as slow as the one before: only differences within a round are meaningful.
  const rounds = [1, 10, 100].map((slow) => stageNames.map((_, i) => slow * (100 + 10 * i)));
  const figures = stageFigures('syslog', rounds);
  assert.deepEqual(
    Object.keys(figures),
    stageNames.map((stage) => `stage_syslog_${stage}`),
  );
  assert.equal(figures.stage_syslog_receive?.value, 1000);
  assert.equal(figures.stage_syslog_parse?.value, 100);
  assert.equal(figures.stage_syslog_parse?.details?.with_all_before_ns, 1200);
  assert.equal(figures.stage_syslog_parse?.details?.spread_ns, 495);
});
