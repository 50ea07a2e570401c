import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListenerSpec } from '../contracts.js';
import { priorityTable, readPriority } from './priority.js';

const listener = (scheme: string, host: string, port: number): ListenerSpec => ({
  index: 0,
  url: '',
  scheme,
  host,
  port,
  options: {},
});
const tls = listener('syslog+tls', '0.0.0.0', 6514);
const tcp = listener('syslog+tcp', '::1', 601);
const listeners = [tls, tcp];
const none = { severity: 8, facility: 24 };

function rulesOf(text: string) {
  return readPriority(text, listeners, (value, allowed) => assert.fail(`${value}: ${allowed}`));
}

/** Whether an event goes first. */
function has(text: string, severity: number, facility: number, at = tls): boolean {
  const table = priorityTable(rulesOf(text), at);
  return table.length > 0 && (((table[facility] as number) >> severity) & 1) === 1;
}

test('a rule fits when all of its conditions do, and one rule is enough', () => {
  const rules = 'severity<=crit, facility=auth|authpriv severity<=notice';
  for (const [severity, facility, expected] of [
    [0, 16, true],
    [2, 0, true],
    [3, 0, false],
    [5, 4, true],
    [5, 10, true],
    [6, 10, false],
    [none.severity, 4, false],
    [2, none.facility, true],
    [none.severity, none.facility, false],
  ] as const)
    assert.equal(has(rules, severity, facility), expected, `severity ${severity}, facility ${facility}`);
  assert.equal(has('severity=err|7', 3, 1) && has('severity=err|7', 7, 1) && !has('severity=err|7', 4, 1), true);
  assert.equal(has('facility=local7', none.severity, 23) && has('facility=23', 0, 23), true);
});

test('a source is a kind of listener or one of them; it alone covers events without severity', () => {
  assert.equal(has('source=syslog+tls', none.severity, none.facility), true);
  assert.equal(has('source=syslog+tls', 0, 0, tcp), false);
  assert.equal(has('source=syslog+tcp://[::1]:601', 7, 23, tcp), true);
  assert.deepEqual(priorityTable(rulesOf('source=syslog+tls'), tcp), [], 'costs nothing elsewhere');
  assert.deepEqual(priorityTable(rulesOf(''), tls), []);
});

test('every mistake is told at once', () => {
  const found: string[] = [];
  readPriority(
    'severity<=bad, facility=auth|nope severity=9, source=udp, colour=red, severity=1 severity=2, facility<=auth',
    listeners,
    (value, allowed) => found.push(`${value}: ${allowed}`),
  );
  for (const part of ['"bad"', '"nope"', '"9"', '"udp"', '"colour=red"', 'severity once in a rule', '"facility<=auth"'])
    assert.ok(
      found.some((sentence) => sentence.includes(part)),
      `${part} in ${found.join('\n')}`,
    );
  assert.equal(found.length, 7);
});
