/** The JSON Schema Test Suite (test/data/json-schema-test-suite), draft 4, as far as later drafts agree with it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { Validator } from '../../native/validation.js';
import { schemaOf } from './read-schema.js';
import type { Json, JsonObject } from './schema-json.js';

interface Group {
  readonly description: string;
  readonly schema: JsonObject;
  readonly tests: readonly { readonly description: string; readonly data: Json; readonly valid: boolean }[];
}

const folder = join(projectRoot, 'test/data/json-schema-test-suite/draft4');
/** Draft 4 alone: booleans beside minimum, id instead of $id, schemas elsewhere, 1.0 as no integer, and quirks of $ref. */
const otherDraft = /"exclusiveM\w+":(true|false)|"id":|localhost|"\$ref":"http/;

test('every group whose keywords mean the same in later drafts', () => {
  let checks = 0;
  let left = 0;
  for (const file of readdirSync(folder)) {
    for (const { description, schema, tests } of JSON.parse(readFileSync(join(folder, file), 'utf8')) as Group[]) {
      if (otherDraft.test(JSON.stringify(schema))) {
        left++;
        continue;
      }
      const { plan, problems } = schemaOf({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema });
      // That unknown keywords are refused is ours.
      const others = problems.filter(({ message }) => message !== 'is no keyword that is known');
      assert.deepEqual(others, [], `${file}: ${description}`);
      const validator = new Validator(plan);
      for (const { description: what, data, valid } of tests) {
        const reason = validator.check(JSON.stringify(data));
        assert.equal(reason === '', valid, `${file}: ${description}: ${what}: ${reason}`);
        checks++;
      }
    }
  }
  assert.ok(checks > 240 && left < 12, `${checks} checks, ${left} groups left out`);
});
