import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { readSchema } from './read-schema.js';

const folder = join(projectRoot, 'native/test/schemas');

test('the plans that native tests and the fuzz target run are those of the compiler', () => {
  const schemas = readdirSync(folder).filter((name) => !name.endsWith('.plan'));
  assert.ok(schemas.length > 0);
  const stale: string[] = [];
  for (const schema of schemas) {
    const { plan, problems } = readSchema(join(folder, schema));
    assert.deepEqual(problems, [], schema);
    const path = join(folder, schema.replace(/\.\w+$/, '.plan'));
    if (existsSync(path) && readFileSync(path).equals(plan)) continue;
    writeFileSync(path, plan);
    stale.push(path);
  }
  assert.deepEqual(stale, [], 'they were stale, and are written anew');
});
