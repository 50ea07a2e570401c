import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countFields } from './records.js';

test('counts what was understood, whether nested or dotted', () => {
  assert.equal(countFields('{"a":{"b":1,"c":{"d":"x"}},"e.f":2,"list":[1,2],"nil":"-","none":null,"empty":""}'), 4);
  assert.equal(countFields('<34>1 not json'), 0);
});
