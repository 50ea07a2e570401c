/** Every input by name, as LF-terminated lines. Written once a run to a folder, for programs that read files. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import { attacker } from './enrichment.js';
import { cef, fortigate, sshdOrIptables, windowsXml } from './products.js';
import { type Random, seeded } from './random.js';
import { vendorMessages } from './sc4s.js';
import { jsonEvent, syslogMessage } from './synthetic.js';

export type InputName =
  | ('syslog' | 'ndjson' | 'vendors' | 'linux' | 'apache' | 'windows' | 'cloudtrail' | 'zeek')
  | ('sshd_iptables' | 'cef' | 'fortigate' | 'windows_xml' | 'mixed' | 'internet');

export interface Input {
  readonly name: InputName;
  readonly json: boolean;
  readonly lines: Buffer;
  readonly events: number;
}

const syntheticEvents = 20_000;
const seed = 20_240_501;
/** Inputs do not depend on the day of the run. */
const start = Date.UTC(2026, 0, 15, 8);

/** `real`: recorded or vendor traffic rather than the reference events. */
export const inputs: Readonly<Record<InputName, { json: boolean; real: boolean; make: (random: Random) => string[] }>> =
  {
    syslog: { json: false, real: false, make: (random) => repeat((time) => syslogMessage(random, time)) },
    ndjson: { json: true, real: false, make: (random) => repeat((time) => jsonEvent(random, time)) },
    vendors: { json: false, real: true, make: vendors },
    linux: { json: false, real: true, make: () => recorded('linux_auth.log').map((line) => `<38>${line}`) },
    apache: { json: false, real: true, make: apache },
    windows: { json: true, real: true, make: () => recorded('windows_events.ndjson') },
    cloudtrail: { json: true, real: true, make: () => recorded('cloudtrail.ndjson') },
    zeek: { json: true, real: true, make: () => recorded('zeek.ndjson') },
    sshd_iptables: { json: false, real: false, make: (random) => repeat((time) => sshdOrIptables(random, time)) },
    cef: { json: false, real: false, make: (random) => repeat((time) => cef(random, time)) },
    fortigate: { json: false, real: false, make: (random) => repeat((time) => fortigate(random, time)) },
    windows_xml: { json: false, real: false, make: (random) => repeat((time) => windowsXml(random, time)) },
    internet: { json: false, real: false, make: (random) => repeat((time) => sshdOrIptables(random, time, attacker)) },
    mixed: { json: false, real: true, make: mixed },
  };

export function makeInput(name: InputName): Input {
  const lines = inputs[name].make(seeded(seed));
  return { name, json: inputs[name].json, lines: Buffer.from(`${lines.join('\n')}\n`), events: lines.length };
}

/** The path of an input, written on first use. */
export function inputFile(name: InputName, folder: string): string {
  const path = join(folder, `${name}.${inputs[name].json ? 'ndjson' : 'log'}`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(path)) writeFileSync(path, makeInput(name).lines);
  return path;
}

function repeat(make: (time: Date) => string): string[] {
  return Array.from({ length: syntheticEvents }, (_, i) => make(new Date(start + i * 7)));
}

function vendors(random: Random): string[] {
  const messages = vendorMessages(random, start);
  return Array.from({ length: syntheticEvents }, () => messages.next().value as string);
}

/** Access logs as rsyslog would send them: the line is the message. */
function apache(): string[] {
  return recorded('apache_combined.log').map(
    (line, i) => `<142>1 ${new Date(start + i * 11).toISOString()} web-1 httpd 812 - - ${line}`,
  );
}

/** All recorded and vendors' traffic through one syslog listener; JSON is the message of its sender. */
function mixed(random: Random): string[] {
  const json = (file: string, app: string) =>
    recorded(file).map((line, i) => `<134>1 ${new Date(start + i * 13).toISOString()} ${app}-1 ${app} - - - ${line}`);
  const sources = [
    ...[vendors(random), recorded('linux_auth.log').map((line) => `<38>${line}`), apache()],
    ...[json('zeek.ndjson', 'zeek'), json('cloudtrail.ndjson', 'cloudtrail')],
  ];
  return Array.from({ length: syntheticEvents }, (_, i) => {
    const lines = random.pick(sources);
    return lines[i % lines.length] as string;
  });
}

function recorded(file: string): string[] {
  return readFileSync(join(projectRoot, 'bench/data', file), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
