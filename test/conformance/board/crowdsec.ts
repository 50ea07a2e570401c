/**
 * CrowdSec's tests of its parsers (test/data/conformance/crowdsec): lines, and what its parsers take out of them, under its names; here
 * under ECS's.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../native/load.js';
import type { ExpectedCase } from './filebeat.js';

/** Theirs → ECS; of two names for one field the first that is there counts. */
const fields: readonly (readonly [theirs: string, ecs: string])[] = [
  ['Meta.source_ip', 'source.ip'],
  ['Meta.target_user', 'user.name'],
  ['Meta.username', 'user.name'],
  ['Meta.user', 'user.name'],
  ['Meta.http_status', 'http.response.status_code'],
  ['Meta.http_verb', 'http.request.method'],
  ['Meta.http_path', 'url.original'],
  ['Meta.http_user_agent', 'user_agent.original'],
  ['Meta.target_fqdn', 'url.domain'],
  ['Meta.machine', 'host.hostname'],
  ['Parsed.body_bytes_sent', 'http.response.body.bytes'],
  ['Parsed.http_referer', 'http.request.referrer'],
  ['Parsed.http_version', 'http.version'],
  ['Parsed.pid', 'process.pid'],
  ['Parsed.program', 'process.name'],
  ['Parsed.src_port', 'source.port'],
  ['Parsed.source_port', 'source.port'],
  ['Parsed.dst_ip', 'destination.ip'],
  ['Parsed.dst_port', 'destination.port'],
];

interface Event {
  readonly product: string;
  readonly line: string;
  readonly expected: Readonly<Record<string, string>>;
}

export function crowdsecCases(): ExpectedCase[] {
  return readFileSync(join(projectRoot, 'test/data/conformance/crowdsec/events.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((text, i) => {
      const { product, line, expected } = JSON.parse(text) as Event;
      return {
        product,
        path: `crowdsec/events.ndjson:${i + 1}`,
        frame: Buffer.from(line),
        json: line[0] === '{',
        utcOffsetSeconds: 0,
        expected: translated(expected),
      };
    });
}

function translated(expected: Event['expected']): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [theirs, ecs] of fields) {
    const value = expected[theirs];
    // '-' is what access logs write where there is nothing.
    if (value !== undefined && value !== '-' && !(ecs in out)) out[ecs] = value;
  }
  return out;
}
