/** The two reference events: an RFC 5424 message of about 285 bytes and a JSON object of 24 fields, about 640 bytes. */
import { ipv4, port, type Random } from './random.js';

const actions = ['allow', 'deny', 'drop', 'reset'] as const;
const rules = ['web-out', 'dns-out', 'db-in', 'default', 'vpn-users', 'guest-wifi'] as const;
const zones = ['dmz-outside', 'office-inside', 'guest-wireless', 'datacentre-west'] as const;
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD'] as const;
const users = ['alice', 'bob', 'carol', 'svc-backup', 'root', 'deploy'] as const;

/** RFC 5424 with structured data. */
export function syslogMessage(random: Random, time: Date): string {
  return (
    `<${8 * (16 + random.below(8)) + random.below(8)}>1 ${time.toISOString()} fw-${random.below(40)}.example.com ` +
    `firewalld ${1000 + random.below(3000)} FLOW [origin@32473 ip="${ipv4(random)}" software="fw"] ` +
    `${random.pick(actions)} proto=tcp src=${ipv4(random)} spt=${port(random)} dst=${ipv4(random)} dpt=${port(random)} ` +
    `rule=${random.pick(rules)} bytes=${random.below(1_000_000)} packets=${random.below(900)} seconds=${random.below(300)} user=${random.pick(users)} session=${hex(random, 12)} zone=${random.pick(zones)}`
  );
}

/** An ECS-shaped JSON object, and a few fields that ECS does not know. */
export function jsonEvent(random: Random, time: Date): string {
  return JSON.stringify({
    '@timestamp': time.toISOString(),
    message: `${random.pick(actions)} tcp session ${hex(random, 12)} by rule ${random.pick(rules)} from ${random.pick(zones)}`,
    event: { action: random.pick(actions), category: ['network'], outcome: 'success', duration: random.below(1e9) },
    source: { ip: ipv4(random), port: port(random), bytes: random.below(1_000_000) },
    destination: { ip: ipv4(random), port: port(random) },
    host: { name: `fw-${random.below(40)}.example.com`, ip: [ipv4(random)] },
    user: { name: random.pick(users), id: String(1000 + random.below(5000)), domain: 'corp.example.com' },
    process: { name: 'firewalld', pid: port(random) },
    http: { request: { method: random.pick(methods) }, response: { status_code: 200 + random.below(300) } },
    rule: { name: random.pick(rules) },
    custom: { score: random.below(1000) / 10, flagged: random.below(10) === 0, tags: ['edge', 'ipv4'] },
  });
}

function hex(random: Random, digits: number): string {
  let text = '';
  while (text.length < digits) text += random.below(0x1000000).toString(16).padStart(6, '0');
  return text.slice(0, digits);
}
