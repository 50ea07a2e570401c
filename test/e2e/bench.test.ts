import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../native/load.js';

const bench = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(projectRoot, 'dist/bench/main.js'), ...args], { cwd: projectRoot });

test('--only picks, --json ends with one object of figures', async () => {
  const { stdout } = await bench('--quick', '--json', '--only', 'syslog_tcp_zstd_null,recovery_scan_gbs');
  const { figures, machine } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  assert.deepEqual(Object.keys(figures).sort(), ['recovery_scan_gbs', 'rss_full_load_bytes', 'syslog_tcp_zstd_null']);
  const { value, unit, pairs, details } = figures.syslog_tcp_zstd_null;
  assert.ok(value > 0);
  assert.equal(unit, 'events/CPU-s');
  assert.equal(pairs.length, 2);
  assert.ok(pairs.every((pair: { value: number; reference: number }) => pair.value > 0 && pair.reference > 0));
  assert.equal(details.lost, 0);
  assert.ok(machine.cores > 0);
});

test('help names every job; a wrong flag is refused with it', async () => {
  assert.match((await bench('--help')).stdout, /--quick.*drain_ratio/s);
  await assert.rejects(bench('--quik'), { code: 64, stderr: /--quik.*--quick/s });
});

test('an unknown figure is refused before anything runs', async () => {
  await assert.rejects(bench('--only', 'nonsense'), { code: 64, stderr: /nonsense: there is no such figure/ });
});
