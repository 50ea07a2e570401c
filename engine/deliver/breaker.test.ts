import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreaker } from './breaker.js';

function make() {
  const clock = { ms: 1000 };
  const states: string[] = [];
  const breaker = new CircuitBreaker({
    failures: 3,
    afterMs: 100,
    probeMs: 50,
    now: () => clock.ms,
    random: () => 1,
    onChange: (state) => states.push(state),
  });
  const fail = (times: number, everyMs = 0) => {
    for (let i = 0; i < times; i++) {
      breaker.failed();
      clock.ms += everyMs;
    }
  };
  return { breaker, clock, states, fail };
}

test('neither many failures at once nor few over a long time open it', () => {
  const { breaker, clock, fail } = make();
  fail(50);
  assert.equal(breaker.state, 'closed');
  breaker.succeeded();
  fail(2, 1000);
  assert.equal(breaker.state, 'closed');
  breaker.succeeded();
  clock.ms += 1000;
  fail(3);
  assert.equal(breaker.state, 'closed', 'a success in between begins the count anew');
  assert.equal(breaker.waitMs(), 0);
});

test('open, one probe at a time goes; its success closes, its failure opens again', () => {
  const { breaker, clock, states, fail } = make();
  fail(3, 60);
  assert.equal(breaker.state, 'open');
  assert.equal(breaker.opened, 1);
  clock.ms -= 60; // the moment it opened
  assert.equal(breaker.waitMs(), 50);
  fail(5); // late answers of what was under way change nothing
  assert.equal(breaker.waitMs(), 50);
  clock.ms += 50;
  assert.equal(breaker.waitMs(), 0, 'the probe');
  assert.equal(breaker.state, 'half_open');
  assert.equal(breaker.waitMs(), 50, 'everybody else waits');
  breaker.failed();
  assert.equal(breaker.state, 'open');
  assert.equal(breaker.opened, 1, 'it never closed in between');
  clock.ms += 50;
  assert.equal(breaker.waitMs(), 0);
  clock.ms += 50;
  assert.equal(breaker.waitMs(), 0, 'a probe that was never answered is followed by another');
  breaker.succeeded();
  assert.equal(breaker.waitMs(), 0);
  assert.deepEqual(states, ['open', 'half_open', 'open', 'half_open', 'closed']);
});
