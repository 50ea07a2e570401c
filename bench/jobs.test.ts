import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeJobs, pickJobs } from './jobs.js';

const jobs = makeJobs(true, '');
const picked = (...names: string[]) => pickJobs(jobs, names).map((job) => job.name);

test('a job is picked by its name and by the figures it makes', () => {
  assert.deepEqual(picked('stages_syslog'), ['stages_syslog']);
  assert.deepEqual(picked('stage_syslog_parse', 'stage_syslog_kafka'), ['stages_syslog']);
  assert.deepEqual(picked('ack_http_fsync_p99', 'limit_memcpy'), ['limits', 'acknowledgement']);
  assert.deepEqual(picked('syslog_udp_zstd_null'), ['syslog_udp_zstd_null']);
});

test('there is a job for every figure with a target', () => {
  for (const key of [
    ...['syslog_tcp_zstd_null', 'syslog_tcp_plain_null', 'ndjson_tcp_zstd_null', 'ndjson_tcp_plain_null'],
    ...['syslog_udp_zstd_null', 'syslog_tcp_zstd_kafka', 'ndjson_tcp_zstd_kafka', 'journal_flush_ratio'],
    ...['journal_fsync_ratio', 'drain_ratio', 'recovery_scan_gbs', 'idle_cpu_percent', 'udp_100k_loss'],
    ...['adaptive_step_fall_ms', 'adaptive_step_changes', 'adaptive_step_lost'],
    ...['frames_read_syslog_two_fields', 'frames_read_java_two_fields', 'frames_read_native_three_fields'],
  ])
    assert.equal(picked(key).length, 1, key);
});

test('a name of nothing is said, with the names there are', () => {
  assert.throws(
    () => picked('limits', 'stage_syslog'),
    /^Error: stage_syslog: there is no such figure; there are limits /,
  );
});

test('no two jobs have one name', () => {
  assert.equal(new Set(jobs.map((job) => job.name)).size, jobs.length);
});
