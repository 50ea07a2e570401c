/**
 * go-libaudit's tests of its coalescer (test/data/conformance/aucoalesce): the records of an event, joined as `PENSTOCK_AUDIT_JOIN` joins them,
 * and the one event that it makes of them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../../../native/load.js';
import type { ExpectedCase } from './filebeat.js';

const folder = join(projectRoot, 'test/data/conformance/aucoalesce');

/** Theirs → ours. Ids: what the records say of the process, not whom theirs takes for the actor. */
const names: Readonly<Record<string, string>> = {
  '@timestamp': '@timestamp',
  sequence: 'auditd.log.sequence',
  result: 'event.outcome',
  'summary.action': 'event.action',
  'ecs.event.kind': 'event.kind',
  'ecs.event.category': 'event.category',
  'ecs.event.type': 'event.type',
  'ecs.user.effective.name': 'user.effective.name',
  'user.ids.auid': 'user.audit.id',
  'user.ids.uid': 'user.id',
  'user.ids.gid': 'user.group.id',
  'user.ids.euid': 'user.effective.id',
  'user.ids.egid': 'user.effective.group.id',
  'user.ids.suid': 'user.saved.id',
  'user.ids.sgid': 'user.saved.group.id',
  'user.ids.fsuid': 'user.filesystem.id',
  'user.ids.fsgid': 'user.filesystem.group.id',
  'process.pid': 'process.pid',
  'process.ppid': 'process.parent.pid',
  'process.name': 'process.name',
  'process.exe': 'process.executable',
  'process.cwd': 'process.working_directory',
  'process.title': 'process.title',
  'process.args': 'process.args',
  'file.path': 'file.path',
  'source.ip': 'source.ip',
  'source.port': 'source.port',
  'destination.ip': 'destination.ip',
  'destination.port': 'destination.port',
  'network.direction': 'network.direction',
  'data.arch': 'host.architecture',
};

interface Coalesced {
  readonly test_name: string;
  readonly event: Readonly<Record<string, unknown>>;
}

export function aucoalesceCases(): ExpectedCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => {
      const product = name.slice(0, -'.yaml'.length);
      const { tests } = parse(readFileSync(join(folder, name), 'utf8')) as { tests: Record<string, string> };
      const golden = readFileSync(join(folder, `${product}.json.golden`), 'utf8');
      return (JSON.parse(golden) as Coalesced[]).map(({ test_name, event }) => ({
        product,
        path: `aucoalesce/${name}:${test_name}`,
        frame: joined(tests[test_name] as string),
        json: false,
        utcOffsetSeconds: 0,
        expected: expectedOf(event),
      }));
    });
}

function joined(records: string): Buffer {
  return Buffer.from(
    records
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join('\n'),
  );
}

function expectedOf(event: Coalesced['event']): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([theirs, ours]) => {
      const value = valueAt(event, theirs);
      return value === undefined ? [] : [[ours, ourForm(value)]];
    }),
  );
}

function valueAt(event: unknown, path: string): unknown {
  const own = (at: unknown, key: string) => (at as Record<string, unknown> | undefined)?.[key];
  const [first = '', ...others] = path.split('.');
  return others.reduce(own, own(event, first));
}

/** What was never set is −1 in a record; an outcome has ECS's words. */
function ourForm(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value)];
  return value === 'unset' ? '4294967295' : value === 'fail' ? 'failure' : value;
}
