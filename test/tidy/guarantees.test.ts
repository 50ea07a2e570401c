/** docs/guarantees.md names the tests that prove it: each of them must be there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';

const text = readFileSync(join(projectRoot, 'docs/guarantees.md'), 'utf8');
const named = new Set([...text.matchAll(/`([\w/.-]+\.(?:test\.ts|cc))`/g)].map((match) => match[1] as string));

test('every test that the guarantees name exists', () => {
  assert.ok(named.size > 15, `only ${named.size} are named`);
  assert.deepEqual(
    [...named].filter((path) => !existsSync(join(projectRoot, path))),
    [],
  );
});

test('every command that the guarantees name is a script of the package', () => {
  const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { scripts: object };
  const commands = [...text.matchAll(/`npm run ([\w:-]+)/g)].map((match) => match[1] as string);
  assert.deepEqual(
    commands.filter((command) => !(command in scripts)),
    [],
  );
});

test('each row of a promise names its proof', () => {
  const rows = text.split('\n').filter((line) => /^\| (HTTP|syslog|NDJSON|`f|Kafka|local)/.test(line));
  assert.ok(rows.length >= 9);
  for (const row of rows) assert.match(row, /`[\w/.-]+\.(test\.ts|cc)`/);
});
