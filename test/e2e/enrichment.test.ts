/** Enrichment and rules in the running program: what is dropped is counted, nothing is unaccounted for, changed files are taken over. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { PenstockProcess } from '../support/penstock-process.js';

const lines = [
  '<38>Nov 21 10:00:00 host1 sshd[123]: Failed password for root from 2.125.160.216 port 22 ssh2\n',
  '<38>Nov 21 10:00:00 host1 sshd[123]: Failed password for bob from 203.0.113.7 port 22 ssh2\n',
  '<38>Nov 21 10:00:00 host1 chatter[1]: nothing new\n',
  '<38>Nov 21 10:00:00 host1 sampled[1]: one of many\n',
];
const rules = (app: string) => `
rules:
  - { name: chatter, when: { process.name: ${app} }, drop: true }
  - { name: half, when: { process.name: sampled }, sample: 0.5 }
  - { name: people, when: { user.name: { present: true } }, redact: { user.name: mask } }
`;

async function send(port: number, text: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(text);
  await once(socket, 'close');
}

test('rules, lists and databases while events flow', { timeout: 900_000 }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-enrich-'));
  const path = (name: string) => join(directory, name);
  const write = (name: string, text: string) => {
    writeFileSync(path(`${name}.new`), text);
    renameSync(path(`${name}.new`), path(name));
  };
  write('rules.yaml', rules('chatter'));
  write('bad.csv', 'indicator,confidence\n203.0.113.7,High\n');
  copyFileSync(join(projectRoot, 'test/data/geoip/test-data/GeoLite2-City-Test.mmdb'), path('city.mmdb'));
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp'],
    deliver: 'null:?journal=true',
    env: {
      PENSTOCK_GEOIP: path('city.mmdb'),
      PENSTOCK_INDICATORS: path('bad.csv'),
      PENSTOCK_RULES: path('rules.yaml'),
      PENSTOCK_ENRICH_POLL_MS: '100',
      PENSTOCK_WORKERS: '2',
    },
  });
  t.after(async () => {
    await penstock.dispose();
    rmSync(directory, { recursive: true, force: true });
  });
  const each = 10_000;
  await send(penstock.ports[0] as number, lines.join('').repeat(each));
  await penstock.untilMetric('penstock_events_received_total', 4 * each);
  const dropped = (reason: string) => penstock.metric('penstock_ledger_dropped_events_total', { reason });
  const sampled = await dropped('rule_sample');
  assert.equal(await dropped('rule_drop'), each);
  assert.ok(Math.abs(sampled - each / 2) < each / 20, `${sampled} of ${each} sampled out`);
  assert.equal(await penstock.metric('penstock_events_committed_total'), 3 * each - sampled);
  await penstock.expectMetric('penstock_rule_matches_total', 2 * each, { rule: 'people' });
  assert.equal(await penstock.metric('penstock_events_redacted_total'), 2 * each);
  assert.equal(await penstock.metric('penstock_indicator_matches_total'), each);
  assert.equal(await penstock.metric('penstock_geoip_found_total'), each);

  write('rules.yaml', rules('nobody'));
  await penstock.untilMetric('penstock_enrichment_file_swaps_total', 1);
  await send(penstock.ports[0] as number, lines.join(''));
  await penstock.untilMetric('penstock_events_received_total', 4 * each + 4);
  assert.equal(await dropped('rule_drop'), each, 'the rule names another program now');

  write('rules.yaml', 'rules: [{ name: x }]');
  await penstock.untilMetric('penstock_enrichment_file_failures_total', 1);
  await penstock.untilOutput(/must name at least one/);
  const checks = await penstock.metric('penstock_ledger_checks_total');
  await penstock.untilMetric('penstock_ledger_checks_total', checks + 2);
  assert.equal(await penstock.metric('penstock_unaccounted_events'), 0);
  assert.equal(await penstock.stop(), 0, penstock.output);
});
