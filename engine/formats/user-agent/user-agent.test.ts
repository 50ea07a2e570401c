/** uap-core's own cases through a pack's step. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../native/load.js';
import { explainerOf, run } from '../test-explainer.js';

const explainer = explainerOf({
  agents:
    "recognise: [{app: agentd}]\nsteps:\n  - match: '%{user_agent.original:*}'\n  - from: user_agent.original\n    user_agent: {}\n",
});
const found = (text: string) => run(explainer, `<13>Nov 21 10:00:00 h agentd: ${text}`).event;
const cases = (name: string) =>
  JSON.parse(readFileSync(join(projectRoot, 'test/data/user-agent', name), 'utf8')) as [string, string, ...string[]][];

/** Parts up to the first that is missing. */
function version(parts: readonly string[]): string | undefined {
  const end = parts.indexOf('');
  return (end < 0 ? parts : parts.slice(0, end)).join('.') || undefined;
}

for (const [file, name, number] of [
  ['browsers.json', 'user_agent.name', 'user_agent.version'],
  ['systems.json', 'user_agent.os.name', 'user_agent.os.version'],
] as const)
  test(`every case of ${file}`, () => {
    const wrong: unknown[] = [];
    let count = 0;
    for (const [text, family, ...parts] of cases(file)) {
      if (text.trim() !== text || text === '') continue;
      const event = found(text);
      const none = family === 'Other' && number === 'user_agent.os.version';
      const expected = [none ? undefined : family, none ? undefined : version(parts)];
      const got = [event[name], event[number]];
      if (JSON.stringify(got) !== JSON.stringify(expected)) wrong.push({ text, expected, got });
      count++;
    }
    assert.deepEqual(wrong, []);
    assert.ok(count > 400);
  });

test('device, and the system with its version', () => {
  const event = found(
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1',
  );
  assert.equal(event['user_agent.device.name'], 'iPhone');
  assert.equal(event['user_agent.os.full'], 'iOS 17.5.1');
  assert.equal(event['user_agent.name'], 'Mobile Safari');
});

test('the same again, what is none, and what is long', () => {
  const agent = 'Mozilla/5.0 (Windows NT 10.0; rv:127.0) Gecko/20100101 Firefox/127.0';
  assert.deepEqual(found(agent)['user_agent.name'], found(agent)['user_agent.name']);
  assert.equal(found('x')['user_agent.name'], 'Other');
  assert.equal(found('x')['user_agent.os.name'], undefined);
  assert.equal(found(`${agent} ${'é'.repeat(5000)}`)['user_agent.name'], 'Firefox');
});

test('in a flood of texts never seen before most are kept as they are', () => {
  const flooded = explainerOf({
    agents:
      "recognise: [{app: agentd}]\nsteps:\n  - match: '%{user_agent.original:*}'\n  - from: user_agent.original\n    user_agent: {}\n",
  });
  const named = (text: string) => {
    const { event } = run(flooded, `<13>Nov 21 10:00:00 h agentd: ${text}`);
    assert.equal(event['user_agent.original'], text);
    return event['user_agent.name'] !== undefined;
  };
  let names = 0;
  for (let i = 0; i < 6000; i++) names += named(`x${i}`) ? 1 : 0;
  assert.ok(names >= 4096 && names < 4096 + 6000 / 64, `${names} looked up`);
  // One in a while still is.
  let more = 0;
  for (let i = 0; i < 1280; i++) more += named(`y${i}`) ? 1 : 0;
  assert.ok(more >= 5 && more <= 15, `${more} looked up`);
});
