import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import type { CrashTarget } from './crash-run.js';
import { findKey } from './event-keys.js';

/** The local store with much compaction, asked by `penstock query`. */
export const storeTarget: CrashTarget = {
  name: 'store',
  kinds: ['compaction', 'steady', 'start', 'rotation', 'drain', 'double'],
  countsWhileKilled: true,
  deliver: (directory) => `store:${directory}/data?compact_bytes=1MiB&compact_interval_ms=1000`,
  stall: () => {},
  resume: () => {},
  async read(directory, into) {
    const args = ['query', '--data', join(directory, 'data'), '--format', 'csv', 'SELECT message FROM events'];
    const query = spawn(join(projectRoot, 'bin/penstock'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const closed = once(query, 'close');
    let errors = '';
    query.stderr.on('data', (text) => (errors += text));
    const parts: Buffer[] = [];
    for await (const part of query.stdout) parts.push(part as Buffer);
    const [code] = (await closed) as [number];
    if (code !== 0 && !errors.includes('holds no events')) throw new Error(`penstock query failed: ${errors}`);
    const rows = Buffer.concat(parts);
    for (let found = findKey(rows); found !== null; found = findKey(rows, found.end)) into.add(found.key);
  },
};
