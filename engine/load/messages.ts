/**
 * Messages for `penstock send`, varied as real ones are and the same for the same seed. Timestamp and sequence number stand at
 * marked places, to be stamped when they are sent.
 */
export type MessageFormat = 'rfc5424' | 'rfc3164' | 'json';

/** 27 bytes, as the generator stamps it. */
export const timestampMark = '2000-01-01T00:00:00.000000Z';
/** 12 digits, as the generator stamps it. */
export const sequenceMark = '999999999999';

/** xorshift32: small, fast, good enough for varied text. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  }
  /** 0 … bound − 1 */
  below(bound: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % bound;
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.below(0x10000).toString(16).padStart(4, '0');
    return text.slice(0, digits);
  }
}

const apps = ['sshd', 'sudo', 'nginx', 'kernel', 'CRON', 'postfix', 'haproxy', 'auditd', 'named', 'dhcpd'];
const verbs = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD'];
const actions = ['login', 'logout', 'read', 'write', 'delete', 'grant', 'deny', 'connect'];

/** Texts of one sender: names from a bounded set, addresses and numbers from a wide one. */
class Vocabulary {
  readonly hosts: string[];
  readonly users: string[];
  constructor(readonly random: Random) {
    this.hosts = Array.from(
      { length: 60 },
      (_, i) => `${random.pick(['web', 'db', 'fw', 'app', 'vpn'])}-${i}.dc${i % 4}.example.net`,
    );
    this.users = Array.from({ length: 400 }, () => `${random.pick(['j', 'm', 'a', 's', 'k'])}${random.hex(5)}`);
  }
  address(): string {
    const { random } = this;
    return random.below(3) === 0
      ? `10.${random.below(4)}.${random.below(256)}.${random.below(256)}`
      : `${random.pick([192, 198, 203])}.${random.below(256)}.${random.below(256)}.${random.below(256)}`;
  }
  text(): string {
    const { random } = this;
    const port = 1024 + random.below(64000);
    switch (random.below(5)) {
      case 0:
        return `Failed password for invalid user ${random.pick(this.users)} from ${this.address()} port ${port} ssh2`;
      case 1:
        return `Accepted publickey for ${random.pick(this.users)} from ${this.address()} port ${port} ssh2: ED25519 SHA256:${random.hex(43)}`;
      case 2:
        return `${this.address()} "${random.pick(verbs)} /api/v2/items/${random.below(100000)} HTTP/1.1" ${random.pick([200, 200, 200, 304, 404, 500])} ${random.below(60000)} ${random.below(900)}ms`;
      case 3:
        return `pam_unix(sudo:session): session opened for user root(uid=0) by ${random.pick(this.users)}(uid=${random.below(6000)})`;
      default:
        return `IN=eth0 OUT= SRC=${this.address()} DST=${this.address()} LEN=${40 + random.below(1400)} TTL=${random.below(128)} PROTO=TCP SPT=${port} DPT=${random.pick([22, 80, 443, 3389])} SYN`;
    }
  }
}

/** Renders `count` messages. */
export function renderMessages(format: MessageFormat, count: number, seed: number): string[] {
  const vocabulary = new Vocabulary(new Random(seed));
  const render = { rfc5424, rfc3164, json }[format];
  return Array.from({ length: count }, () => render(vocabulary));
}

/** About 270 bytes. */
function rfc5424(v: Vocabulary): string {
  const r = v.random;
  const id = `[meta@32473 sequenceId="${sequenceMark}" ip="${v.address()}" zone="dc${r.below(4)}"]`;
  return `<${r.below(192)}>1 ${timestampMark} ${r.pick(v.hosts)} ${r.pick(apps)} ${r.below(32768)} ID${r.below(99)} ${id} ${v.text()} session=${r.hex(16)} rule=policy-${r.below(60)}`;
}

/** RFC 3164 as rsyslog forwards it with a precise time stamp: about 170 bytes. */
function rfc3164(v: Vocabulary): string {
  const r = v.random;
  return `<${r.below(192)}>${timestampMark} ${r.pick(v.hosts)} ${r.pick(apps)}[${r.below(32768)}]: seq=${sequenceMark} ${v.text()}`;
}

/** About 630 bytes, 20 fields. */
function json(v: Vocabulary): string {
  const r = v.random;
  const user = r.pick(v.users);
  return JSON.stringify({
    '@timestamp': timestampMark,
    event: {
      id: `seq=${sequenceMark}`,
      action: r.pick(actions),
      outcome: r.pick(['success', 'failure']),
      duration: r.below(1e9),
    },
    host: { name: r.pick(v.hosts), ip: [v.address()] },
    source: { ip: v.address(), port: 1024 + r.below(64000), bytes: r.below(1e6) },
    destination: { ip: v.address(), port: r.pick([22, 80, 443, 8443]) },
    user: { name: user, id: String(1000 + r.below(5000)), domain: 'corp.example.net' },
    process: { name: r.pick(apps), pid: r.below(32768) },
    http: { request: { method: r.pick(verbs) }, response: { status_code: r.pick([200, 200, 404, 500]) } },
    custom: { score: r.below(1000) / 10, flagged: r.below(10) === 0, tags: ['a', 'b'].slice(0, r.below(3)) },
    message: v.text(),
  });
}
