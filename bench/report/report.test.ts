import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Figures, fromPairs, single } from '../lib/figures.js';
import type { Machine } from '../lib/machine.js';
import { page } from './page.js';
import { figuresBlock } from './readme.js';
import { coresFor, sizingBlock } from './sizing.js';
import type { Report } from './write.js';

const sizes = { bytes_in_per_event: 285, record_bytes_per_event: 650, batch_bytes_per_event: 100, ratio: 6.5, lost: 0 };
const pairs = (value: number, reference: number) => [1, 2, 3].map((i) => ({ value: value + i - 2, reference }));

const machine: Machine = {
  ...{
    cpu: 'EPYC',
    cores: 2,
    memoryBytes: 2 ** 34,
    system: 'Linux 6.1.0-x',
    node: 'v22.1.0',
    loadAtStart: 0.5,
    virtual: true,
  },
};
const figures: Figures = {
  syslog_tcp_zstd_null: fromPairs(pairs(1_000_000, 2_000_000), 'events/CPU-s', 'zstd', sizes),
  syslog_tcp_zstd_kafka: fromPairs(pairs(700_000, 1_000_000), 'events/CPU-s', 'null', sizes),
  syslog_tcp_zstd_kafka_json: fromPairs(pairs(600_000, 1_000_000), 'events/CPU-s', 'null', sizes),
  syslog_udp_zstd_null: {
    ...fromPairs(pairs(500_000, 1_000_000), 'events/CPU-s', 'zstd', {
      datagrams_per_second: 300_000,
      limited_by: 'loss',
    }),
  },
  stage_syslog_receive: { ...single(150.4, 'ns/event', { spread_ns: 8, with_all_before_ns: 150.4 }) },
  stage_syslog_frame: { ...single(20, 'ns/event', { spread_ns: 3, with_all_before_ns: 170.4 }) },
  peer_rsyslog_syslog_tcp_kafka: single(100_000, 'events/CPU-s', {
    version: '8',
    json_fields: 12,
    json_fields_penstock: 17,
  }),
  idle_cpu_percent: single(2, '%'),
  rss_full_load_bytes: single(150e6, 'bytes'),
  rss_one_worker_bytes: single(100e6, 'bytes'),
  rss_per_worker_bytes: single(20e6, 'bytes'),
};
const report: Report = {
  ...{ at: '2026-02-03T04:05:06.000Z', machine, commit: 'abc', figures, seconds: { limits: 61 } },
  notes: ['instructions: not measured: the machine has no hardware counters'],
};

test('the page says what was reached, what was missed and what was not measured', () => {
  const lines = page(report, 'x.json').split('\n');
  const row = (name: string) => lines.find((line) => line.startsWith(`| \`${name}\``)) ?? '';
  assert.match(row('syslog_tcp_zstd_null'), /1,000,000 \| ≥ 800,000 \| yes \|.*285 → 650 → 100/);
  assert.match(row('syslog_tcp_zstd_kafka'), /700,000 \| 80 % of null \| \*\*no\*\* .* 70 %/);
  assert.match(row('idle_cpu_percent'), /\| 2 \| % \| ≤ 1 \| \*\*no\*\*/);
  assert.match(row('peer_rsyslog_syslog_tcp_kafka'), /100,000 \| 600,000 \| 6\.0 .*12 \/ 17/);
  assert.ok(lines.includes('| + frame | 20 ± 3 | 170 |  |  |'), 'frame');
  assert.ok(lines.includes('- instructions: not measured: the machine has no hardware counters'));
  assert.ok(!lines.some((line) => line.includes('NaN') || line.includes('undefined')));
});

test("README's block leaves out what was not measured", () => {
  const block = figuresBlock(report, 'perf-reports/README.md');
  assert.match(block, /\| protobuf, zstd 1, discarded \(`null:`\) \| 1,000 \| – \|/);
  assert.match(block, /UDP: 300,000 datagrams\/s without loss/);
  assert.doesNotMatch(block, /With a journal/);
});

test('sizes follow from the figures', () => {
  assert.equal(coresFor(700_000, 1_000_000), 1);
  // 1 M/s at 700,000 per CPU-second and 70 % load: 2.04 cores, so 3 workers: 100 + 2 × 20 MB; 100 B each: 100 MB/s.
  assert.match(sizingBlock(report), /\| 1,000,000 \| 2\.0 \| 140 MB \| 100 MB \| 360 GB \|/);
});
