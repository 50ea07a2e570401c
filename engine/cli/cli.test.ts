/** The command line in a process of its own: what it prints and with which code it ends. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { options } from '../config/options.js';

function penstock(args: string[], env: Record<string, string> = {}) {
  const path = process.env.PATH ?? '';
  const ended = spawnSync(join(projectRoot, 'bin/penstock'), args, {
    cwd: tmpdir(),
    env: { PATH: path, ...env },
    encoding: 'utf8',
    timeout: 600_000,
  });
  return { code: ended.status, out: ended.stdout, err: ended.stderr };
}

test('--help names every command and flag and fits the terminal', () => {
  const { code, out } = penstock(['--help']);
  assert.equal(code, 0);
  for (const { name } of options) assert.ok(out.includes(`  ${name}`), name);
  const long = out.split('\n').filter((line) => line.length > 120);
  assert.deepEqual(long, []);
  for (const command of ['run', 'config', 'tail', 'query', 'audit', 'send'])
    assert.match(out, new RegExp(`^  ${command} `, 'm'));
});

test('--version is that of package.json', () => {
  assert.match(penstock(['--version']).out, /^penstock \d+\.\d+\.\d+\n$/);
});

test('output that cannot be written is told', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(join(projectRoot, 'bin/penstock'), ['--version'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  assert.equal(status, 1);
  assert.match(stderr, /cannot write standard output: no space left on the device/);
});

test('an unknown command is a usage error with a suggestion', () => {
  const { code, err, out } = penstock(['qurey']);
  assert.deepEqual([code, out], [64, '']);
  assert.match(err, /no command qurey \(did you mean query\?\)/);
});

test('arguments that a command does not know are a usage error', () => {
  for (const args of [
    ['config', '--chekc'],
    ['run', 'x'],
  ]) {
    const { code, err } = penstock(args);
    assert.equal(code, 64, args.join(' '));
    assert.match(err, /Usage: penstock/);
  }
});

test('every command tells its usage', () => {
  for (const command of ['run', 'config', 'tail', 'query', 'send']) {
    const { code, out, err } = penstock([command, '--help']);
    assert.equal(code, 0, command);
    assert.match(out + err, new RegExp(`penstock \\[?${command}`));
  }
});

test('config shows what is in effect, and where from', () => {
  const { code, out } = penstock(['config'], { PENSTOCK_LINGER_MS: '9', PENSTOCK_KAFKA_PASSWORD: 'hunter2' });
  assert.equal(code, 0);
  assert.match(out, /^PENSTOCK_LINGER_MS=9 {2}# environment$/m);
  assert.match(out, /^PENSTOCK_BATCH_BYTES_MAX=4MiB {2}# default$/m);
  assert.match(out, /^PENSTOCK_KAFKA_PASSWORD=\*\*\* {2}# environment$/m);
  assert.equal(penstock(['config', '--check']).out, 'the settings are right\n');
});

test('config --check names every mistake of the format packs, and a listener whose pack is not there', (t) => {
  const formats = mkdtempSync(join(tmpdir(), 'penstock-formats-'));
  t.after(() => rmSync(formats, { recursive: true }));
  const check = (flags: Record<string, string>) => penstock(['config', '--check'], flags);
  assert.equal(check({ PENSTOCK_FORMATS: formats }).code, 0);
  mkdirSync(join(formats, 'door'));
  const pack = join(formats, 'door/pack.yaml');
  writeFileSync(pack, 'name: door\ntitle: Doors\nrecognise: [{app: doord}]\nstepps: []\nsteps: [{mach: x}]\n');
  const { code, err, out } = check({ PENSTOCK_FORMATS: formats });
  assert.deepEqual([code, out], [78, '']);
  assert.match(err, /door\/pack\.yaml:4: stepps.*did you mean steps\?/);
  assert.match(err, /door\/pack\.yaml:5: steps\[0\]\.mach.*did you mean match\?/);
  const unknown = check({ PENSTOCK_LISTEN: 'syslog+udp://127.0.0.1:0?format=gate' });
  assert.equal(unknown.code, 78);
  assert.match(unknown.err, /there is no format pack gate/);
  // A name that is near, not all of them.
  const near = check({ PENSTOCK_LISTEN: 'syslog+udp://127.0.0.1:0?format=fortigat' }).err;
  assert.match(near, /there is no format pack fortigat \(did you mean fortigate\?\); penstock formats list shows/);
  assert.doesNotMatch(near, /zscaler/);
});

test('wrong settings end run and config with 78 and every mistake', () => {
  for (const args of [['config', '--check'], ['run'], []]) {
    const { code, err } = penstock(args, { PENSTOCK_WORKRES: '2', PENSTOCK_COMPRESSION: 'rar' });
    assert.equal(code, 78);
    assert.match(err, /2 mistakes in the settings/);
    assert.match(
      err,
      /PENSTOCK_WORKRES=2 {2}\(environment\)\n +there is no such flag \(did you mean PENSTOCK_WORKERS\?\)/,
    );
    assert.match(err, /PENSTOCK_COMPRESSION=rar {2}\(environment\)\n +must be one of zstd/);
  }
});

test('files that the settings name end run and config --check with 78, every mistake named and no secret told', () => {
  const tls = join(projectRoot, 'test/data/tls');
  const env = {
    PENSTOCK_COMPRESSION: 'rar',
    PENSTOCK_LISTEN: [
      `syslog+tls://127.0.0.1:0?certificate=${tls}/certificate.pem&key=${tls}/other-key.pem`,
      'https://127.0.0.1:0?token=hunter2&schema=/none/schema.json',
      'syslog+tcp://127.0.0.1:0?format=gate',
    ].join(),
    PENSTOCK_DELIVER: [
      'kafkas://h/t?ca=/none/ca.pem&sasl_mechanism=PLAIN&username=u&password=hunter2',
      'kafka://h/u?sasl_mechanism=PLAIN&username=u&password_file=/none/password',
      `kafkas://h/v?cert=${tls}/certificate.pem`,
    ].join(),
    PENSTOCK_DEAD_LETTER: 'kafkas://h/d?ca=/none/dead.pem',
    PENSTOCK_SCHEMA_REGISTRY: 'https://h',
    PENSTOCK_SCHEMA_REGISTRY_CA: '/none/registry.pem',
    PENSTOCK_GEOIP: `/none/geo.mmdb`,
    PENSTOCK_INDICATORS: '/none/indicators.csv',
    PENSTOCK_ASSETS: tls,
    PENSTOCK_RULES: `${tls}/SOURCES.md`,
  };
  const expected = [
    /PENSTOCK_COMPRESSION=rar/,
    /PENSTOCK_LISTEN=syslog\+tls:.*\n.*other-key\.pem is the key of the first certificate in .*certificate\.pem/,
    /PENSTOCK_LISTEN=https:.*token=\*\*\*.*\n.*certificate=PATH and key=PATH/,
    /\/none\/schema\.json.*\n.*cannot be read/,
    /PENSTOCK_LISTEN=syslog\+tcp:.*\n.*there is no format pack gate/,
    /PENSTOCK_DELIVER=kafkas:\/\/h\/t.*\n.*ca=\/none\/ca\.pem can be read: there is no such file/,
    /PENSTOCK_DELIVER=kafka:\/\/h\/u.*\n.*password_file: ENOENT/,
    /PENSTOCK_DELIVER=kafkas:\/\/h\/v.*\n.*both cert=PATH and key=PATH/,
    /PENSTOCK_DEAD_LETTER=.*\n.*ca=\/none\/dead\.pem can be read/,
    /PENSTOCK_SCHEMA_REGISTRY_CA=.*\n.*can be read: there is no such file/,
    /PENSTOCK_GEOIP=\/none\/geo\.mmdb.*\n.*there is no such file/,
    /PENSTOCK_INDICATORS=.*\n.*there is no such file/,
    /PENSTOCK_ASSETS=.*\n.*it is a directory/,
    /PENSTOCK_RULES=.*\n.*must be one that can be used/,
  ];
  for (const args of [['config', '--check'], ['run']]) {
    const { code, err } = penstock(args, env);
    assert.equal(code, 78, err);
    for (const pattern of expected) assert.match(err, pattern);
    assert.match(err, new RegExp(`${expected.length} mistakes in the settings`));
    assert.ok(!err.includes('hunter2'), err);
  }
});

test('what only reading a database to its end shows is a mistake in the settings too', () => {
  const env = {
    PENSTOCK_GEOIP: join(projectRoot, 'package.json'),
    PENSTOCK_LISTEN: 'syslog+tcp://127.0.0.1:0',
    PENSTOCK_DELIVER: 'null:',
    PENSTOCK_ADMIN: 'off',
  };
  for (const args of [['config', '--check'], ['run']]) {
    const { code, err } = penstock(args, env);
    assert.equal(code, 78, err);
    assert.match(err, /package\.json is no database of addresses/);
  }
});

test('what the system refuses is told with what to do, not as a bug', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-refused-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const env = {
    PENSTOCK_LISTEN: 'syslog+tcp://127.0.0.1:0',
    PENSTOCK_ADMIN: 'off',
    PENSTOCK_DATA: join(folder, 'data'),
  };
  const data = penstock(['run'], { ...env, PENSTOCK_DATA: join(file, 'data') });
  assert.equal(data.code, 1, data.err);
  assert.match(
    data.err,
    /^penstock: cannot make the directory .*file\/data\/journal: .* no directory\n {2}correct the path/,
  );
  // A store that can keep nothing does not start: the journal would fill.
  for (const store of [file, join(file, 'store')]) {
    const { code, err } = penstock(['run'], { ...env, PENSTOCK_DELIVER: `store:${store}` });
    assert.equal(code, 1, err);
    assert.match(
      err,
      /^penstock: the directory .*file.* of the store cannot be used: (ENOTDIR|EEXIST)\n {2}give the user/,
    );
  }
  const query = penstock(['query', '--data', file, 'SELECT 1']);
  assert.equal(query.code, 1, query.err);
  assert.doesNotMatch(query.err, /please report it/);
});
