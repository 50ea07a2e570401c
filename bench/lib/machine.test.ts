import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeCpu, describeMachine } from './machine.js';

test('a CPU is told from others of its name', () => {
  const info = (flags: string) =>
    `processor\t: 0\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC\nflags\t\t: fpu ${flags} sha_ni\n`;
  assert.equal(
    describeCpu('AMD EPYC', info('avx avx2'), ['32K', '512K', '32768K']),
    'AMD EPYC (family 25, model 1; AVX2; caches of 32K, 512K, 32768K)',
  );
  assert.equal(describeCpu('AMD EPYC', info('avx2 avx512f'), []), 'AMD EPYC (family 25, model 1; AVX-512)');
  assert.equal(describeCpu('Neoverse', 'processor: 0\n', []), 'Neoverse');
  assert.match(describeMachine().cpu, /\w/);
});
