import assert from 'node:assert/strict';
import { sumMetric } from './penstock-process.js';

/** Calls that found neither an event nor the time for a sleep. */
const others = 50;

/**
 * JavaScript calls into the pipeline once for each group, each buffer that a batch needs and each sleep, never per event: whatever time
 * the events took. `metrics`: the text of /metrics.
 */
export function assertCallsPerGroup(metrics: string): void {
  const of = (name: string) => sumMetric(metrics, `penstock_${name}_total`);
  const explained = of('groups') + of('batches') + of('pipeline_sleeps') + others;
  const calls = of('pipeline_calls');
  assert.ok(calls <= explained, `${calls} calls, ${explained} for groups, batches and sleeps`);
  assert.ok(of('groups') < of('events_committed') / 10, `${of('groups')} groups`);
}
