/** The other tools: where each is found, how it is run with a configuration of ours, and how to install it. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { projectRoot } from '../../native/load.js';

/** Names of the configuration files in bench/peers/<name>/: RFC 5424 over TCP, NDJSON over TCP, RFC 5424 over UDP. */
export type PeerInput = 'syslog' | 'ndjson' | 'syslog-udp';

export interface Peer {
  readonly name: string;
  readonly program: string;
  /** Extension of its configuration files in bench/peers/<name>/. */
  readonly extension: string;
  readonly install: string;
  args(config: string, work: string, installed: Installed): string[];
  readonly versionArgs: readonly string[];
}

export interface Installed {
  readonly program: string;
  /** Root of an unpacked package, '' when the tool was found on PATH. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

const debian = 'bench/peers/unpack.sh (or apt-get install';

export const peers: readonly Peer[] = [
  {
    name: 'rsyslog',
    program: 'rsyslogd',
    extension: 'conf',
    install: `${debian} rsyslog rsyslog-kafka)`,
    args: (config, work, { root }) => [
      ...['-n', '-f', config, '-i', join(work, 'pid'), '-C'],
      ...(root === '' ? [] : ['-M', join(root, 'usr/lib/x86_64-linux-gnu/rsyslog')]),
    ],
    versionArgs: ['-v'],
  },
  {
    name: 'syslog-ng',
    program: 'syslog-ng',
    extension: 'conf',
    install: `${debian} syslog-ng-core syslog-ng-mod-rdkafka)`,
    args: (config, work, { root }) => [
      ...['-F', '--no-caps', '-f', config, '-p', join(work, 'pid'), '-c', join(work, 'control')],
      ...['-R', join(work, 'persist'), '--worker-threads=2'],
      ...(root === '' ? [] : [`--module-path=${moduleFolder(root)}`]),
    ],
    versionArgs: ['--version'],
  },
  {
    name: 'vector',
    program: 'vector',
    extension: 'yaml',
    install: 'https://vector.dev/docs/setup/installation/',
    args: (config) => ['--quiet', '--config', config],
    versionArgs: ['--version'],
  },
  {
    name: 'fluent-bit',
    program: 'fluent-bit',
    extension: 'yaml',
    install: 'https://docs.fluentbit.io/manual/installation/linux',
    args: (config) => ['-c', config],
    versionArgs: ['--version'],
  },
  {
    name: 'otelcol',
    program: 'otelcol-contrib',
    extension: 'yaml',
    install: 'https://opentelemetry.io/docs/collector/installation/ (the contrib distribution)',
    args: (config) => ['--config', config],
    versionArgs: ['--version'],
  },
  {
    name: 'redpanda-connect',
    program: 'redpanda-connect',
    extension: 'yaml',
    install: 'https://docs.redpanda.com/redpanda-connect/install/',
    args: (config) => ['run', config],
    versionArgs: ['--version'],
  },
];

/** The tool unpacked in bench/peers/unpacked/ or else on PATH; undefined when it is nowhere. */
export function find(peer: Peer): Installed | undefined {
  const root = join(projectRoot, 'bench/peers/unpacked', peer.name, 'root');
  const unpacked = join(root, 'usr/sbin', peer.program);
  if (existsSync(unpacked)) {
    const libraries = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', `usr/lib/${peer.name}`];
    const path = libraries.map((folder) => join(root, folder)).join(delimiter);
    return { program: unpacked, root, env: { ...process.env, LD_LIBRARY_PATH: path } };
  }
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  const found = folders.map((folder) => join(folder, peer.program)).find((path) => existsSync(path));
  return found === undefined ? undefined : { program: found, root: '', env: process.env };
}

export function version(peer: Peer, installed: Installed): string {
  try {
    const said = execFileSync(installed.program, [...peer.versionArgs], { env: installed.env, encoding: 'utf8' });
    return /\d+\.\d+(\.\d+)?/.exec(said)?.[0] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function moduleFolder(root: string): string {
  return join(root, 'usr/lib/syslog-ng/3.38');
}
