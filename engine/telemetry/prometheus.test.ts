import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponentialBounds, Histogram, PrometheusText } from './prometheus.js';

test('families with and without labels, escaped', () => {
  const text = new PrometheusText();
  text.counter('a_total', 'Help with \\ and\nnewline.', 3);
  text.gauge('b', 'B.', [
    [{ listener: 'tcp://[::1]:1', path: 'a"b\\c\nd' }, 1.5],
    [{}, 0],
  ]);
  assert.equal(
    text.toString(),
    [
      '# HELP a_total Help with \\\\ and\\nnewline.',
      '# TYPE a_total counter',
      'a_total 3',
      '# HELP b B.',
      '# TYPE b gauge',
      'b{listener="tcp://[::1]:1",path="a\\"b\\\\c\\nd"} 1.5',
      'b 0',
      '',
    ].join('\n'),
  );
});

test('histogram buckets are cumulative and end at infinity', () => {
  const histogram = new Histogram([1, 2, 4]);
  for (const value of [0.5, 1, 1.5, 4, 100]) histogram.observe(value);
  histogram.observe(3, 10);
  const text = new PrometheusText();
  text.histogram('h_seconds', 'H.', [[{ sink: 's' }, histogram]]);
  assert.deepEqual(text.toString().split('\n').slice(2, -1), [
    'h_seconds_bucket{sink="s",le="1"} 2',
    'h_seconds_bucket{sink="s",le="2"} 3',
    'h_seconds_bucket{sink="s",le="4"} 14',
    'h_seconds_bucket{sink="s",le="+Inf"} 15',
    'h_seconds_sum{sink="s"} 137',
    'h_seconds_count{sink="s"} 15',
  ]);
});

test('exponential bounds reach the last', () => {
  assert.deepEqual(exponentialBounds(1, 2, 10), [1, 2, 4, 8, 16]);
});
