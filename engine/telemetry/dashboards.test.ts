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
