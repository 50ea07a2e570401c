import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createLog } from './log.js';

function recorder() {
  const lines: Record<string, unknown>[] = [];
  return { lines, stream: { write: (text: string) => void lines.push(JSON.parse(text)) } };
}

test('repeated warnings are counted, information is not', async () => {
  const { lines, stream } = recorder();
  const log = createLog('info', stream, 30);
  for (let i = 0; i < 1000; i++) log.error({ sink: 'kafka' }, 'the broker is down');
  for (let i = 0; i < 3; i++) log.info('started');
  log.error('another thing');
  log.debug('not shown');
  assert.deepEqual(
    lines.map(({ level, msg }) => [level, msg]),
    [['error', 'the broker is down'], ...new Array(3).fill(['info', 'started']), ['error', 'another thing']],
  );
  await delay(80);
  assert.deepEqual(
    lines.slice(5).map(({ msg, repeated }) => [msg, repeated]),
    [['the broker is down', 999]],
  );
  log.error('the broker is down');
  assert.equal(lines.length, 7, 'after the window it is news again');
});

test('children count with their parent and secrets are masked', () => {
  const { lines, stream } = recorder();
  const log = createLog('info', stream);
  log.child({ sink: 'a' }).warn({ options: { password: 'hunter2', user: 'u' }, token: 'hunter2' }, 'refused');
  assert.deepEqual(lines[0]?.options, { password: '***', user: 'u' });
  assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
});
