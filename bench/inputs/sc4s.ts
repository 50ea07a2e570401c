/** Vendor messages (firewalls, proxies, switches…) from the templates of Splunk Connect for Syslog's tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import { ipv4, port, type Random } from './random.js';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const apps = ['sshd', 'kernel', 'named', 'httpd', 'sudo', 'postfix'] as const;
const addresses = /\b(?:10|172|192)\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g;

interface Template {
  readonly vendor: string;
  readonly template: string;
}

/** Fills templates in random order: addresses become random ones, times advance by some milliseconds. */
export function* vendorMessages(random: Random, startMs: number): Generator<string> {
  const templates = JSON.parse(
    readFileSync(join(projectRoot, 'bench/data/sc4s-templates.json'), 'utf8'),
  ) as readonly Template[];
  for (let ms = startMs; ; ms += random.below(20)) yield fill(random.pick(templates).template, random, new Date(ms));
}

function fill(template: string, random: Random, time: Date): string {
  const values = variables(random, time);
  return template
    .replace(/\{\{-?\s*(\w+)\s*-?\}\}/g, (_, name: string) => values[name] ?? name)
    .replace(addresses, () => ipv4(random));
}

function variables(random: Random, time: Date): Record<string, string> {
  const iso = time.toISOString();
  const day = String(time.getUTCDate()).padStart(2, ' ');
  const epoch = String(Math.floor(time.getTime() / 1000));
  return {
    mark: `<${8 * random.below(24) + random.below(8)}>`,
    bsd: `${months[time.getUTCMonth()]} ${day} ${iso.slice(11, 19)}`,
    iso,
    date: iso.slice(0, 10),
    time: iso.slice(11, 19),
    timestamp: iso,
    year: iso.slice(0, 4),
    epoch,
    millisec: iso.slice(20, 23),
    microsec: `${iso.slice(20, 23)}000`,
    tzoffset: '+00:00',
    host: `host-${random.below(200)}`,
    app: random.pick(apps),
    pid: String(port(random)),
    seq: String(random.below(1_000_000)),
    key: String(random.below(1_000_000)),
    MSGID: `ID${random.below(100)}`,
  };
}
