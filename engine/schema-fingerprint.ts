import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../native/load.js';

const fingerprintDigits = 8;

/** The record header "schema": the first digits of the SHA-256 of log_event.proto. */
export function schemaFingerprint(): string {
  const proto = readFileSync(join(projectRoot, 'schema', 'log_event.proto'));
  return createHash('sha256').update(proto).digest('hex').slice(0, fingerprintDigits);
}
