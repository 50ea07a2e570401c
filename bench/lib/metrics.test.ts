import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMetrics, quantile } from './metrics.js';

const text = (scale: number) => `# HELP penstock_events_received_total Events
# TYPE penstock_events_received_total counter
penstock_events_received_total{listener="a\\"b",kind="x"} ${10 * scale}
penstock_events_received_total{listener="c"} ${5 * scale}
latency_bucket{le="0.001"} ${0 * scale}
latency_bucket{le="0.01"} ${50 * scale}
latency_bucket{le="0.1"} ${100 * scale}
latency_bucket{le="+Inf"} ${100 * scale}
`;

test('sums over label sets', () => {
  const metrics = parseMetrics(text(1));
  assert.equal(metrics.sum('penstock_events_received_total'), 15);
  assert.equal(metrics.sum('penstock_events_received_total', { listener: 'a"b' }), 10);
  assert.equal(metrics.sum('absent'), 0);
});

test('quantiles of what came between two scrapes', () => {
  const before = parseMetrics(text(1));
  const after = parseMetrics(text(3));
  assert.ok(Math.abs(quantile(before, after, 'latency', 0.5) - 0.01) < 1e-9);
  assert.ok(Math.abs(quantile(before, after, 'latency', 0.75) - 0.055) < 1e-9);
  assert.ok(Number.isNaN(quantile(before, before, 'latency', 0.5)));
});
