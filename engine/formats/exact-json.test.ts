/** Whole numbers beyond 2^53 keep their digits, and nothing else is touched. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExactInteger, parseExact, stringifyExact } from './exact-json.js';

test('what is read is written again', () => {
  for (const text of [
    '{"id":9007199254740993,"least":-9223372036854775808,"most":18446744073709551615,"small":9007199254740991}',
    '[9223372036854775807,[9223372036854775807]]',
    '9223372036854775807',
    '{"9007199254740993":"9007199254740993","a\\"b 9007199254740993":"x\\\\"}',
    '[0,-1,1.5,"",null,true,{}]',
  ])
    assert.equal(stringifyExact(parseExact(text)), text);
});

test('strings of megabytes are passed over', () => {
  for (const unit of ['x', '\\\\', '\\"', '1']) {
    const text = `["${unit.repeat(5_000_000)}",9007199254740993]`;
    assert.equal(stringifyExact(parseExact(text)), text);
  }
});

test('other numbers are what JSON makes of them', () => {
  const others = '[1234567890123456.5,12345678901234567e2,1.12345678901234567]';
  assert.deepEqual(parseExact(others), JSON.parse(others));
  assert.deepEqual(parseExact('[9007199254740993]'), [new ExactInteger('9007199254740993')]);
  assert.equal(JSON.stringify(parseExact('[9007199254740993]')), '[9007199254740992]');
  assert.throws(() => parseExact('[9007199254740993'), SyntaxError);
});
