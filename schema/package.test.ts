import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import zlib from 'node:zlib';
import { projectRoot } from '../native/load.js';
import { temporaryDirectory } from '../test/support/journal.js';

/** A folder with the packed package in its node_modules, as npm install leaves it. */
function install(t: TestContext): string {
  const folder = temporaryDirectory(t);
  const text = { cwd: projectRoot, encoding: 'utf8' } as const;
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], text);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', folder]);
  symlinkSync(join(folder, 'package'), join(modules, 'penstock'));
  symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'package/node_modules'));
  return folder;
}

test('the installed program runs, with packs of the user that need the lists it brings', (t) => {
  const folder = install(t);
  mkdirSync(join(folder, 'packs/door'), { recursive: true });
  writeFileSync(
    join(folder, 'packs/door/pack.yaml'),
    `name: door
title: Doors
recognise:
  - starts: 'DOOR '
steps:
  - grok: 'DOOR %{IP:source.ip} %{WORD:event.action} %{GREEDYDATA:user_agent.original}'
  - user_agent: {}
`,
  );
  const run = spawnSync(
    join(folder, 'node_modules/penstock/bin/penstock'),
    ['explain', 'DOOR 203.0.113.7 opened curl/8.5.0'],
    { encoding: 'utf8', env: { ...process.env, PENSTOCK_FORMATS: join(folder, 'packs') } },
  );
  assert.equal(run.stderr, '');
  for (const field of ['source.ip: 203.0.113.7', 'event.action: opened', 'user_agent.name: curl'])
    assert.ok(run.stdout.includes(field), `${field} in ${run.stdout}`);
});

test('a consumer that installs the packed package reads frames and events', (t) => {
  const folder = install(t);
  const program = join(folder, 'read.mjs');
  writeFileSync(
    program,
    `import { readFileSync } from 'node:fs';
import { frameRecords } from 'penstock/frames';
import { readLogEvent } from 'penstock/log-event';
console.log(frameRecords(readFileSync(process.argv[2])).map(readLogEvent).length);`,
  );
  const frame = join(projectRoot, 'test/data/frames/syslog.frame');
  const run = () => spawnSync(process.execPath, [program, frame], { encoding: 'utf8' });
  assert.equal(run().stdout, '300\n');
  // Where no addon could be built, Node's own zstd serves, and where there is none the reader says what would.
  rmSync(join(folder, 'package/build'), { recursive: true });
  if ('zstdDecompressSync' in zlib) assert.equal(run().stdout, '300\n');
  else assert.match(run().stderr, /nothing here takes zstd apart: it needs Node 22\.15 or later/);
});
