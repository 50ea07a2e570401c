import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { AuditReport } from '../../engine/cli/audit.js';
import { projectRoot } from '../../native/load.js';

/** What `penstock audit --json` says of a data directory, and its exit code. */
export function runAudit(data: string, deliver: string): { code: number | null; report: AuditReport } {
  const { status, stdout, stderr } = spawnSync(join(projectRoot, 'bin/penstock'), ['audit', '--json'], {
    env: {
      PATH: process.env.PATH,
      PENSTOCK_DATA: data,
      PENSTOCK_DELIVER: deliver,
      PENSTOCK_LISTEN: 'http://127.0.0.1:0',
    },
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(`penstock audit said nothing: ${stderr}`);
  return { code: status, report: JSON.parse(stdout) as AuditReport };
}
