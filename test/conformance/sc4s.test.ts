/** What is recognised of other people's collection of vendors' messages never becomes less. Prints it, for reached.json. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReached, recogniseVendors } from './sc4s.js';

test('vendors are recognised by their messages', (t) => {
  const now = recogniseVendors();
  const before = readReached();
  t.diagnostic(
    `sc4s: ${now.recognised} of ${now.messages} messages, ${now.products_recognised} of ${now.products} products (${((100 * now.products_recognised) / now.products).toFixed(1)} %)`,
  );
  const lost = now.missed.filter((product) => !before.missed.includes(product));
  assert.deepEqual(lost, [], 'products recognised before');
  assert.ok(now.recognised >= before.recognised, `${now.recognised} messages instead of ${before.recognised}`);
});
