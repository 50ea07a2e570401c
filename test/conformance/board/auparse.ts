/** go-libaudit's tests of its parser of audit records (test/data/conformance/auparse): a record a line, and its fields. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../native/load.js';
import type { ExpectedCase } from './filebeat.js';

const folder = join(projectRoot, 'test/data/conformance/auparse');

/** Theirs → ours; what is not named here is `auditd.log.<name>`. */
const names: Readonly<Record<string, string>> = {
  acct: 'user.name',
  addr: 'source.address',
  argc: 'process.args_count',
  arch: 'host.architecture',
  auid: 'user.audit.id',
  cmd: 'process.command_line',
  comm: 'process.name',
  cwd: 'process.working_directory',
  egid: 'user.effective.group.id',
  euid: 'user.effective.id',
  exe: 'process.executable',
  exit: 'process.exit_code',
  fsgid: 'user.filesystem.group.id',
  fsuid: 'user.filesystem.id',
  gid: 'user.group.id',
  name: 'file.path',
  pid: 'process.pid',
  ppid: 'process.parent.pid',
  result: 'event.outcome',
  sgid: 'user.saved.group.id',
  suid: 'user.saved.id',
  terminal: 'user.terminal',
  uid: 'user.id',
};

interface Record_ {
  readonly '@timestamp': string;
  readonly record_type: string;
  readonly sequence: number;
  readonly raw_msg: string;
  readonly data: Readonly<Record<string, string>>;
}

export function auparseCases(): ExpectedCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.golden'))
    .sort()
    .flatMap((name) => {
      const log = readFileSync(join(folder, name.replace(/\.golden$/, '')), 'utf8').split('\n');
      const records = JSON.parse(readFileSync(join(folder, name), 'utf8')) as (Record_ | null)[];
      // null: a line that its parser does not take.
      const taken = records.filter((record) => record !== null);
      return taken.map((record, i) => ({
        product: name.replace(/\.log\.golden$/, ''),
        path: `auparse/${name}:${i + 1}`,
        frame: Buffer.from(lineOf(log, record)),
        json: false,
        utcOffsetSeconds: 0,
        expected: expectedOf(record),
      }));
    });
}

function lineOf(log: readonly string[], { raw_msg }: Record_): string {
  const line = log.find((one) => one.includes(raw_msg));
  if (line === undefined) throw new Error(`no line has ${raw_msg}`);
  return line;
}

/** The address of a SOCKADDR record is nobody's yet: whose it is, the call says. */
const socketNames: Readonly<Record<string, string>> = { addr: 'auditd.log.address' };

function expectedOf({ data, ...record }: Record_): Record<string, unknown> {
  const fields = Object.entries(data).map(([name, value]) => [
    (record.record_type === 'SOCKADDR' ? socketNames[name] : undefined) ?? names[name] ?? `auditd.log.${name}`,
    // What was never set is −1 in the record.
    value === 'unset' ? '4294967295' : value === 'fail' ? 'failure' : value,
  ]);
  return { '@timestamp': record['@timestamp'], 'auditd.log.sequence': record.sequence, ...Object.fromEntries(fields) };
}
