/** `%{name:trimmed}`: up to the next literal, without white space at its ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePattern } from './match-pattern.js';
import { explainerOf, run } from './test-explainer.js';

const explainer = explainerOf({
  boxes: `
recognise: [{starts: ['BOX']}]
empty: ['-']
steps:
  - match: 'BOX Name:%{user.name:trimmed}Rule:%{_open:*}Host:%{host.name:trimmed}Port:%{source.port:trimmed}End'
    required: true
  - {from: _open, match: '%{rule.name:trimmed}'}
`,
});

for (const [text, user, rule, host, port] of [
  ['BOX Name: ann Rule: r Host: h Port: 7 End', 'ann', 'r', 'h', 7],
  ['BOX Name:ann Rule:r Host:h Port:7End', 'ann', 'r', 'h', 7],
  ['BOX Name: \t ann b \t Rule:   r  s   Host:\t\th\r\nPort: 7\t\tEnd', 'ann b', 'r  s', 'h', 7],
  ['BOX Name:    Rule:Host: Port: - End', undefined, undefined, undefined, undefined],
  ['BOX Name: ann Rule: x Host: y Port: 1 End Host: h Port: 7 End', 'ann', 'x Host: y Port: 1 End', 'h', 7],
] as const)
  test(`taken out of ${JSON.stringify(text)}`, () => {
    const { taken, event } = run(explainer, text);
    assert.equal(taken, 'boxes');
    assert.deepEqual(
      [event['user.name'], event['rule.name'], event['host.name'], event['source.port']],
      [user, rule, host, port],
    );
  });

test('it ends at a literal', () => {
  assert.match(parsePattern('%{a:trimmed}%{b:int}').problem, /ends at a literal/);
  assert.match(parsePattern('%{a:*}%{b:trimmed}').problem, /must stand a literal/);
  assert.equal(parsePattern('%{a:spaces}%{b:trimmed}').problem, '');
});
