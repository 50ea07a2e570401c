import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CollectorLog, fineCollectorFlags, nativeCounter } from './allocations.js';

test('counts the allocations of a process that makes a known number', () => {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-allocations-'));
  try {
    const counted = (blocks: number) => {
      const counter = nativeCounter(folder);
      // More than V8's pool takes: every block is one of the C library's.
      const script = `const kept = []; for (let i = 0; i < ${blocks}; i++) kept.push(Buffer.allocUnsafeSlow(20000));`;
      execFileSync(process.execPath, ['-e', script], { env: { ...process.env, ...counter.env } });
      return counter.read();
    };
    const few = counted(0);
    const many = counted(5000);
    assert.ok(few.calls > 0);
    assert.ok(many.calls - few.calls >= 5000, `${many.calls} - ${few.calls}`);
    assert.ok(many.bytes - few.bytes >= 5000 * 20_000, `${many.bytes} - ${few.bytes}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('adds up what V8 says of its collections, in whatever pieces it comes', () => {
  const script = 'let kept; for (let i = 0; i < 200000; i++) kept = new Array(20).fill(i);';
  const text = execFileSync(process.execPath, [...fineCollectorFlags, '-e', script], { encoding: 'utf8' });
  const whole = new CollectorLog();
  whole.add(text);
  assert.ok(whole.collections > 5 && whole.pauseMs > 0);
  assert.ok(
    whole.allocatedBytes > 200_000 * 20 * 4 && whole.allocatedBytes < 200_000 * 20 * 16,
    `${whole.allocatedBytes}`,
  );
  const pieces = new CollectorLog();
  for (let at = 0; at < text.length; at += 97) pieces.add(text.slice(at, at + 97));
  assert.equal(pieces.allocatedBytes, whole.allocatedBytes);
});
