import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';

const folder = join(projectRoot, 'deploy/grafana');
const reference = readFileSync(join(projectRoot, 'docs/reference/metrics.md'), 'utf8');

for (const name of readdirSync(folder)) {
  test(`dashboard ${name} asks for metrics that there are`, () => {
    const dashboard = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const expressions: string[] = dashboard.panels.flatMap((panel: { targets: { expr: string }[] }) =>
      panel.targets.map(({ expr }) => expr),
    );
    assert.ok(expressions.length > 0);
    for (const metric of expressions.flatMap((expr) => expr.match(/penstock_\w+/g) ?? []))
      assert.ok(reference.includes(`| \`${metric}\` |`), metric);
  });
}

test('manuals speak of metrics that there are', () => {
  const manuals = ['docs', 'adapters', 'schema', 'modules', 'perf-reports'].flatMap((root) =>
    readdirSync(join(projectRoot, root), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md') && !path.includes('decisions'))
      .map((path) => join(root, path)),
  );
  const known = new Set([...reference.matchAll(/^\| `(penstock_[a-z0-9_]+)/gm)].map(([, name]) => name));
  const unknown = ['README.md', ...manuals].flatMap((manual) =>
    // With a name that ends in _ all are meant that begin so.
    [...readFileSync(join(projectRoot, manual), 'utf8').matchAll(/`(penstock_[a-z0-9_]*[a-z0-9])(?![a-z0-9_])/g)]
      .filter(([, name]) => !known.has(name))
      .map(([, name]) => `${manual}: ${name}`),
  );
  assert.deepEqual(unknown, []);
});
