/** Changed files of enrichment: each is taken when it is whole, whatever the others are like. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { EnrichSettings } from '../config/enrich.js';
import { type Enrichment, loadEnrichment } from './enrichment.js';
import { EnrichmentWatch } from './enrichment-watch.js';

const rules = (name: string) => `rules: [{name: ${name}, when: {event.kind: event}, risk: 5}]`;

async function watched(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-enrichment-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  let written = 0;
  const write = (name: string, text: string) => writeFileSync(join(directory, name), `${text}\n#${++written}\n`);
  write('assets.csv', 'host,owner\nweb1,ann');
  write('one.txt', '203.0.113.1');
  write('two.txt', '203.0.113.2');
  write('rules.yaml', rules('first'));
  const settings: EnrichSettings = {
    geoip: [],
    geoFields: 0,
    network: new Set(),
    internalNetworks: [],
    indicators: [join(directory, 'one.txt'), join(directory, 'two.txt')],
    assets: [join(directory, 'assets.csv')],
    rules: join(directory, 'rules.yaml'),
    redactKey: '',
    topics: [],
    pollMs: 0,
  };
  const used: { now: Enrichment } = { now: await loadEnrichment(settings) };
  const said: string[] = [];
  const watch = new EnrichmentWatch({
    log: pino({ level: 'error', base: null }, { write: (line: string) => said.push(JSON.parse(line).msg) }),
    current: () => used.now,
    take: async (next) => {
      used.now = next;
    },
  });
  const look = async (times = 2) => {
    for (let i = 0; i < times; i++) await watch.look();
  };
  return { used, said, watch, write, look, remove: (name: string) => rmSync(join(directory, name)) };
}

test('a file that is mended is taken, wherever it stands among the files', async (t) => {
  const { used, said, watch, write, look } = await watched(t);
  write('rules.yaml', 'rules: 5');
  await look(4);
  assert.deepEqual(watch.figures, { swaps: 0, failures: 1 });
  assert.match(said.join('\n'), /rules\.yaml:1: rules is 5: must be a list.*: what was in use goes on$/);
  assert.deepEqual(used.now.ruleNames, ['first']);
  write('rules.yaml', rules('second'));
  await look();
  assert.deepEqual(used.now.ruleNames, ['second']);
});

test('a file that is gone is told, once, and what was in use goes on', async (t) => {
  const { used, said, watch, write, look, remove } = await watched(t);
  remove('two.txt');
  await look(1); // it may be about to be replaced
  assert.deepEqual(said, []);
  await look(4);
  assert.deepEqual(watch.figures, { swaps: 0, failures: 1 });
  assert.match(said.join('\n'), /two\.txt.*: what was in use goes on$/);
  assert.equal(used.now.indicators?.entries, 2);
  write('two.txt', '203.0.113.2\n203.0.113.3');
  await look();
  assert.equal(used.now.indicators?.entries, 3);
});

test('a file that is still written to is not taken, wherever it stands among the files', async (t) => {
  const { used, write, look } = await watched(t);
  for (let i = 0; i < 4; i++) {
    write('rules.yaml', rules(`half${i}`));
    await look(1);
  }
  assert.deepEqual(used.now.ruleNames, ['first']);
  await look(1);
  assert.deepEqual(used.now.ruleNames, ['half3']);
});

test('a file that is wrong does not keep others from being taken', async (t) => {
  const { used, said, watch, write, look } = await watched(t);
  write('rules.yaml', 'rules: 5');
  write('two.txt', '203.0.113.2\n203.0.113.3');
  await look(4);
  assert.equal(used.now.indicators?.entries, 3);
  assert.deepEqual(used.now.ruleNames, ['first']);
  assert.deepEqual(watch.figures, { swaps: 1, failures: 1 });
  write('two.txt', '<html>\n<p>Not found</p>');
  write('assets.csv', 'host,owner\nweb1,ann\nweb2,bob');
  await look(4);
  assert.equal(used.now.assets?.entries, 2);
  assert.equal(used.now.indicators?.entries, 3);
  assert.deepEqual(watch.figures, { swaps: 2, failures: 3 }); // the rules are read once more
  assert.match(said.join('\n'), /two\.txt: none of its lines is an address, network, domain, URL or hash/);
  write('two.txt', '203.0.113.2');
  write('rules.yaml', rules('second'));
  await look();
  assert.deepEqual([used.now.indicators?.entries, used.now.ruleNames], [2, ['second']]);
});
