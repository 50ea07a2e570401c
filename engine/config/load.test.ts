import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SinkType, SourceType } from '../contracts.js';
import { ConfigError } from '../errors.js';
import type { Adapters } from './build-settings.js';
import { loadSettings } from './load.js';
import { options } from './options.js';

function unused(): never {
  throw new Error('configuration creates nothing');
}
const source = (name: string, schemes: string[], defaultPort: number, more: SourceType['options'] = []): SourceType => {
  return { name, schemes, defaultPort, format: 'syslog', options: more, create: unused };
};
const sink = (name: string, schemes: string[], more: SinkType['options'] = []): SinkType => {
  return { name, schemes, options: more, figures: {}, needsJournal: true, create: unused };
};
const adapters: Adapters = {
  sourceTypes: [
    source('syslog-udp', ['syslog+udp'], 514, [
      { name: 'receive_buffer_bytes', type: 'bytes', default: 1024, min: 1, max: 2 ** 30, text: '' },
    ]),
    source('syslog-tcp', ['syslog+tcp'], 601),
    source('http', ['http', 'https'], 8088, [{ name: 'token', type: 'string', default: null, secret: true, text: '' }]),
  ],
  sinkTypes: [
    sink(
      'kafka',
      ['kafka', 'kafkas'],
      [
        { name: 'password', type: 'string', default: '', secret: true, text: '' },
        { name: 'create_topics', type: 'boolean', default: false, text: '' },
      ],
    ),
    sink('store', ['store']),
    sink('null', ['null']),
  ],
};
const load = (env: Record<string, string>) => loadSettings(env, '/somewhere', adapters);

function problemsOf(env: Record<string, string>): string[] {
  try {
    load(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map((problem) => `${problem.flag}=${problem.value} (${problem.origin}): ${problem.allowed}`);
  }
  return [];
}

function withFile(yaml: string, check: (path: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-config-'));
  try {
    const path = join(folder, 'penstock.yaml');
    writeFileSync(path, yaml);
    check(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('nothing set: the defaults, which are consistent', () => {
  const { settings, effective } = load({});
  assert.deepEqual(
    settings.listeners.map(({ index, scheme, host, port }) => [index, scheme, host, port]),
    [
      [0, 'syslog+udp', '127.0.0.1', 5514],
      [1, 'syslog+tcp', '127.0.0.1', 5514],
      [2, 'http', '127.0.0.1', 8088],
    ],
  );
  assert.deepEqual(settings.listeners[0]?.options, { receive_buffer_bytes: 1024 });
  assert.deepEqual(settings.listeners[2]?.options, {}, 'an option without default is left out');
  assert.deepEqual(
    settings.sinks.map(({ id, scheme, authority, path }) => ({ id, scheme, authority, path })),
    [{ id: 'store-data', scheme: 'store', authority: '', path: './data' }],
  );
  assert.deepEqual(settings.admin, { host: '127.0.0.1', port: 9600, names: [] });
  assert.equal(settings.dataDir, '/somewhere/data');
  assert.equal(settings.workers, Math.max(1, availableParallelism() - 1));
  assert.equal(settings.ringBytes, 4 * 2 ** 20);
  assert.deepEqual([settings.compression, settings.compressionLevel], ['zstd', 'auto']);
  assert.ok(effective.every(({ origin }) => origin === 'default'));
  assert.deepEqual(
    effective.map(({ name }) => name),
    options.map(({ name }) => name),
  );
});

test('units are understood', () => {
  const { settings } = load({
    PENSTOCK_RING_BYTES: '8 MiB',
    PENSTOCK_BATCH_BYTES: '65536',
    PENSTOCK_IDLE_TIMEOUT_MS: '2m',
  });
  assert.deepEqual([settings.ringBytes, settings.batchBytes, settings.idleTimeoutMs], [8 * 2 ** 20, 65536, 120_000]);
});

test('every mistake at once, each with its origin and what is allowed', () => {
  const problems = problemsOf({
    PENSTOCK_WORKERS: '-1',
    PENSTOCK_LINGER_MS: 'soon',
    PENSTOCK_COMPRESSION: 'brotli',
    PENSTOCK_BATCH_BYTE: '1',
    PENSTOCK_RING_BYTES: '3MiB',
    PENSTOCK_LISTEN: 'gopher://127.0.0.1:70',
  });
  assert.deepEqual(problems, [
    'PENSTOCK_BATCH_BYTE=1 (environment): there is no such flag (did you mean PENSTOCK_BATCH_BYTES?)',
    'PENSTOCK_COMPRESSION=brotli (environment): one of zstd, lz4, gzip, none',
    'PENSTOCK_LINGER_MS=soon (environment): milliseconds, or a time with ms, s, m, h: 0 to 10000',
    'PENSTOCK_WORKERS=-1 (environment): a whole number: 0 to 256',
    'PENSTOCK_LISTEN=gopher://127.0.0.1:70 (environment): a URL with one of syslog+udp, syslog+tcp, http, https',
    'PENSTOCK_RING_BYTES=3145728 (environment): a power of two',
  ]);
});

test('relations between options', () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ PENSTOCK_BATCH_BYTES: '5MiB' }, /at most PENSTOCK_BATCH_BYTES_MAX/],
    [{ PENSTOCK_RING_BYTES: '1MiB', PENSTOCK_MESSAGE_BYTES_MAX: '512KiB' }, /eight times PENSTOCK_MESSAGE_BYTES_MAX/],
    [{ PENSTOCK_SEGMENT_BYTES: '1MiB', PENSTOCK_BATCH_BYTES_MAX: '2MiB' }, /PENSTOCK_SEGMENT_BYTES.*at least/],
    [{ PENSTOCK_JOURNAL_BYTES_MAX: '64MiB' }, /two segments a worker/],
    [{ PENSTOCK_COMPRESSION: 'lz4', PENSTOCK_COMPRESSION_LEVEL: '13' }, /lz4 has levels 0 to 12/],
    [{ PENSTOCK_COMPRESSION_LEVEL: '0' }, /zstd has levels -7 to -1 and 1 to 19; PENSTOCK_COMPRESSION=none/],
    [{ PENSTOCK_COMPRESSION_LEVEL_MIN: '0', PENSTOCK_COMPRESSION_LEVEL_MAX: '0' }, /zstd has no level 0/],
    [{ PENSTOCK_COMPRESSION: 'lz4', PENSTOCK_ENCODING: 'frames' }, /zstd or none: frames know no other codec/],
    [{ PENSTOCK_DICTIONARIES: 'on' }, /PENSTOCK_DICTIONARIES=on .*PENSTOCK_ENCODING=frames/],
    [
      { PENSTOCK_DICTIONARIES: 'on', PENSTOCK_ENCODING: 'frames', PENSTOCK_COMPRESSION: 'none' },
      /only compressed frames/,
    ],
    [{ PENSTOCK_ADMIN: '127.0.0.1:8088' }, /PENSTOCK_ADMIN.*http:\/\/127.0.0.1:8088 has it/],
    [{ PENSTOCK_ADMIN_HOSTS: 'a.example, http://b:9600' }, /PENSTOCK_ADMIN_HOSTS=http:\/\/b:9600 .*host names/],
    [{ PENSTOCK_PARTITIONING: 'field:' }, /field:<ECS name>/],
    [{ PENSTOCK_TIME_ZONE: 'Mars/Base' }, /IANA/],
    [{ PENSTOCK_CPU_PIN: '0,0' }, /different CPU numbers/],
    [{ PENSTOCK_SCHEMA_SUBJECT: '{topc}-value' }, /\{topic\} alone stands in braces/],
  ];
  for (const [env, expected] of cases) {
    const problems = problemsOf(env);
    assert.equal(problems.length, 1, `${JSON.stringify(env)}: ${problems}`);
    assert.match(problems[0] as string, expected);
  }
});

test('listeners: addresses, options, conflicts', () => {
  const listen = (text: string) => problemsOf({ PENSTOCK_LISTEN: text });
  const { settings } = load({
    PENSTOCK_LISTEN: 'syslog+tcp://[::1], http://0.0.0.0:80\nsyslog+udp://h:0 syslog+udp://h:0',
  });
  assert.deepEqual(
    settings.listeners.map(({ url }) => url),
    ['syslog+tcp://[::1]:601', 'http://0.0.0.0:80', 'syslog+udp://h:0', 'syslog+udp://h:0'],
  );
  assert.match(listen('http://a:1,http://a:1')[0] as string, /http:\/\/a:1 has it/);
  assert.match(listen('http://0.0.0.0:1,syslog+tcp://10.0.0.1:1')[0] as string, /0.0.0.0:1 has it/);
  assert.deepEqual(listen('syslog+udp://a:1,syslog+tcp://a:1'), [], 'UDP and TCP ports are apart');
  assert.match(listen('http://u:secret@a:1')[0] as string, /=http:\/\/\*\*\*@a:1 .*without user/);
  assert.match(listen('http://a:1/path')[0] as string, /without a path/);
  assert.match(listen('syslog+tpc://a:1')[0] as string, /did you mean syslog\+tcp/);
  assert.match(listen('syslog+tcp://a:1?time_zone=Mars')[0] as string, /one whose time_zone=Mars is UTC, an offset/);
  assert.deepEqual(listen('syslog+tcp://a:1?time_zone=+02:00,http://a:2?time_zone=Asia/Tokyo'), []);
  assert.match(listen('syslog+udp://a:1?receive_bufer_bytes=1')[0] as string, /did you mean receive_buffer_bytes/);
  assert.match(
    listen('syslog+udp://a:1?receive_buffer_bytes=0')[0] as string,
    /one whose receive_buffer_bytes=0 is a size.*1 to 1GiB/,
  );
  assert.match(listen('http://a:1?token=')[0] as string, /one whose token has a value, or one without token/);
  const secret = load({ PENSTOCK_LISTEN: 'http://a:1?token=a+b%2Bc%20d' }).settings.listeners[0]?.options.token;
  assert.equal(secret, 'a+b+c d');
  assert.match(listen('http://a:1?token=a&token=b')[0] as string, /one with token once/);
  assert.match(listen('syslog+udp://:1')[0] as string, /HOST:PORT/);
  assert.match(listen('syslog+udp://a:99999')[0] as string, /HOST:PORT/);
  for (const host of [
    '256.1.1.1',
    '1.2.3',
    '127.0.0.1.',
    '[127.0.0.1]',
    '[::g]',
    '[1::2::3]',
    '-a',
    'a..b',
    'ä',
    'x'.repeat(64),
  ])
    assert.match(listen(`syslog+udp://${host}:1`)[0] as string, /HOST:PORT/, host);
  for (const host of [
    '10.0.0.1',
    '[::]',
    '[fe80::1%eth0]',
    'localhost',
    'log-1.example.com',
    'log_1',
    '1.example',
    '3com.',
  ])
    assert.deepEqual(listen(`syslog+udp://${host}:1`), [], host);
  assert.match(listen('5514')[0] as string, /a URL such as/);
});

test('sinks: commas of brokers stay, names are stable and distinct', () => {
  const { settings } = load({
    PENSTOCK_DELIVER:
      'kafka://b1:9092,b2:9092/security.events?create_topics=yes,store:/var/lib/x,null:,kafkas://c/t?name=other',
  });
  assert.deepEqual(
    settings.sinks.map(({ id, authority, path, options: given }) => [id, authority, path, given.create_topics]),
    [
      ['kafka-security.events', 'b1:9092,b2:9092', 'security.events', true],
      ['store-var-lib-x', '', '/var/lib/x', undefined],
      ['null', '', '', undefined],
      ['other', 'c', 't', false],
    ],
  );
  assert.match(problemsOf({ PENSTOCK_DELIVER: 'kafka://a/t,kafka://b/t' })[0] as string, /add \?name=/);
  assert.match(problemsOf({ PENSTOCK_DELIVER: 'kafka://a/t?name=../x' })[0] as string, /a name of letters/);
});

test('a sink of many topics has a name that files can have', () => {
  const idOf = (topics: readonly string[]) => {
    const { settings } = load({ PENSTOCK_DELIVER: `kafka://b1:9092/${topics.join(',')}` });
    return settings.sinks[0]?.id ?? '';
  };
  const topics = Array.from({ length: 50 }, (_, i) => `security.events.team-${i}`);
  assert.match(idOf(topics), /^kafka-security\.events\.team-0[\w.-]{30,60}$/);
  assert.notEqual(idOf(topics), idOf([...topics, 'more']));
  assert.equal(idOf(topics), idOf(topics));
});

test('secrets are shown nowhere', () => {
  const env = {
    PENSTOCK_DELIVER: 'kafka://b/t?password=hunter2',
    PENSTOCK_KAFKA_PASSWORD: 'hunter2',
    PENSTOCK_LISTEN: 'http://a:1?token=hunter2',
  };
  const { settings, effective } = load(env);
  assert.equal(settings.sinks[0]?.options.password, 'hunter2');
  assert.doesNotMatch(JSON.stringify(effective), /hunter2/);
  assert.doesNotMatch(settings.sinks[0]?.url ?? '', /hunter2/);
  const wrong = {
    ...env,
    PENSTOCK_DELIVER: 'kafka://b/t?passwort=hunter2,kafka://u:hunter2@b/t',
    PENSTOCK_TOKEN: 'hunter2',
  };
  const problems = problemsOf(wrong);
  assert.equal(problems.length, 3);
  assert.doesNotMatch(problems.join(), /hunter2/);
});

test('a file gives what the environment does not, and its mistakes have a line', () => {
  const yaml = '# ours\nPENSTOCK_LISTEN:\n  - http://a:1\n  - http://a:2\nPENSTOCK_WORKERS: 3\nPENSTOCK_LINGER_MS: 7\n';
  withFile(yaml, (path) => {
    const { settings, effective } = load({ PENSTOCK_CONFIG: path, PENSTOCK_WORKERS: '5', PENSTOCK_ENCODING: '' });
    assert.equal(settings.listeners.length, 2);
    assert.deepEqual([settings.workers, settings.lingerMs], [5, 7]);
    const originOf = (name: string) => effective.find((line) => line.name === name)?.origin;
    assert.equal(originOf('PENSTOCK_WORKERS'), 'environment');
    assert.equal(originOf('PENSTOCK_LINGER_MS'), `${path}:6`);
    assert.equal(originOf('PENSTOCK_ENCODING'), 'default');
  });
  withFile('PENSTOCK_WORKERS: many\nPENSTOCK_LINGER: 3\nPENSTOCK_CONFIG: x\nPENSTOCK_DATA: {a: 1}\n', (path) => {
    assert.deepEqual(problemsOf({ PENSTOCK_CONFIG: path }), [
      `PENSTOCK_LINGER=3 (${path}:2): there is no such flag (did you mean PENSTOCK_LINGER_MS?)`,
      `PENSTOCK_CONFIG=x (${path}:3): a file cannot name another file`,
      `PENSTOCK_DATA={"a":1} (${path}:4): a single value or a list of them`,
      `PENSTOCK_WORKERS=many (${path}:1): a whole number: 0 to 256`,
    ]);
  });
  withFile('listen: udp\nlinger-ms: 1\nsasl_password: hunter2\n', (path) => {
    const [listen, fsync, password] = problemsOf({ PENSTOCK_CONFIG: path });
    assert.match(listen as string, /^listen=udp .*\(did you mean PENSTOCK_LISTEN\?\)/);
    assert.match(fsync as string, /^linger-ms=1 .*\(did you mean PENSTOCK_LINGER_MS\?\)/);
    assert.match(password as string, /^sasl_password=\*\*\* /);
  });
  withFile('- a\n', (path) => assert.match(problemsOf({ PENSTOCK_CONFIG: path })[0] as string, /mapping/));
  const twice = 'PENSTOCK_WORKERS: 3\nPENSTOCK_LINGER_MS: soon\nPENSTOCK_WORKERS: 4\nPENSTOCK_NOPE: 1\n';
  withFile(twice, (path) => {
    const problems = problemsOf({ PENSTOCK_CONFIG: path }).join('\n');
    assert.match(problems, /penstock\.yaml:3\S* .*gives each setting once; PENSTOCK_WORKERS is given before/);
    assert.match(problems, /PENSTOCK_LINGER_MS=soon/);
    assert.match(problems, /PENSTOCK_NOPE/);
  });
  withFile('a: b: c\n', (path) => assert.match(problemsOf({ PENSTOCK_CONFIG: path })[0] as string, /valid YAML/));
  withFile('', (path) => assert.deepEqual(problemsOf({ PENSTOCK_CONFIG: path }), []));
  assert.match(problemsOf({ PENSTOCK_CONFIG: 'not-there.yaml' })[0] as string, /ENOENT/);
});

test('the table is well-formed', () => {
  for (const option of options) {
    assert.match(option.name, /^PENSTOCK_[A-Z_]+$/);
    assert.match(option.text, /^[A-Z].*\.$|^[A-Z].*\)\.?$/s, option.name);
    assert.ok(option.text.length <= 140, `${option.name}: one sentence or two`);
    if (option.type === 'bytes') assert.match(option.name, /_(BYTES|MEMORY)(_MAX)?$/);
    if (option.type === 'duration_ms') assert.match(option.name, /_MS$/);
  }
  assert.equal(new Set(options.map(({ name }) => name)).size, options.length);
});

test('the dead-letter topic is one URL with a host; its secrets are masked', () => {
  const withTopic = (url: string) => load({ PENSTOCK_DEAD_LETTER: url });
  const { settings, effective } = withTopic('kafka://b1:9092/letters?password=hidden');
  assert.equal(settings.deadLetter?.path, 'letters');
  assert.doesNotMatch(JSON.stringify(effective), /hidden/);
  assert.equal(withTopic('').settings.deadLetter, null);
  for (const wrong of ['store:./letters', 'kafka://b1:9092/a,kafka://b1:9092/b', 'letters'])
    assert.throws(() => withTopic(wrong), /PENSTOCK_DEAD_LETTER/);
});
