/** Data directories that versions so far have left, killed and with a backlog: the one here goes on with each of them, and nothing is lost or stored twice. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../../native/load.js';
import { PenstockProcess } from '../../support/penstock-process.js';
import { deliverTo, idsAndMessages, type Left, storeId, topic } from '../../upgrade/left.js';
import { KafkaCluster } from './broker.js';
import { createTopic } from './sink-kit.js';

const archives = join(projectRoot, 'test/data/data-directories');

let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start();
});
after(() => cluster?.stop());

function penstock(args: readonly string[], directory: string): string {
  const { status, stdout, stderr } = spawnSync(join(projectRoot, 'bin/penstock'), args, {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { PATH: process.env.PATH ?? '' },
  });
  assert.equal(status, 0, `${args.join(' ')}\n${stderr}`);
  return stdout;
}

for (const file of readdirSync(archives).filter((name) => name.endsWith('.tar.gz'))) {
  test(`goes on with what ${file} left`, { timeout: 900_000 }, async () => {
    const left: Left = JSON.parse(readFileSync(join(archives, file.replace('.tar.gz', '.json')), 'utf8'));
    const directory = mkdtempSync(join(tmpdir(), 'penstock-upgrade-'));
    execFileSync('tar', ['-xzf', join(archives, file), '-C', directory]);
    try {
      penstock(['journal', 'verify'], directory);
      assert.deepEqual(idsAndMessages(penstock(['journal', 'export'], directory)), left.events);
      assert.deepEqual(idsAndMessages(penstock(['tail', '--no-follow', '--lines', '1000'], directory)), left.events);
      penstock(['journal', 'adopt'], directory); // it comes from another machine
      await createTopic(cluster.bootstrap(), topic, 3);
      const engine = await PenstockProcess.start({
        listen: ['syslog+tcp'],
        directory,
        deliver: deliverTo(cluster.bootstrap()),
      });
      const sink = `kafka-${topic}`;
      await engine.expectMetric('penstock_events_delivered_total', left.events.length, { sink });
      await engine.expectMetric('penstock_events_dead_lettered_total', left.deadLetters, { sink });
      assert.equal(await engine.metric('penstock_events_delivered_total', { sink: storeId }), 0, 'the store has all');
      assert.equal(await engine.stop(), 0, engine.output);
      assert.match(engine.output, /; 0 unaccounted for/);
      const from = `kafka://${cluster.bootstrap()}/${topic}`;
      const inTopic = penstock(['tail', '--no-follow', '--lines', '1000', '--from', from], directory);
      assert.deepEqual(idsAndMessages(inTopic), left.events);
      const sql = 'SELECT count(*) AS n, count(DISTINCT "event.id") AS ids FROM events';
      const rows = JSON.parse(penstock(['query', '--format', 'json', sql], directory));
      assert.deepEqual([Number(rows.n), Number(rows.ids)], [left.events.length, left.events.length]);
      const dead = JSON.parse(
        penstock(['query', '--format', 'json', 'SELECT count(*) AS n FROM dead_letters'], directory),
      );
      assert.equal(Number(dead.n), 2 * left.deadLetters);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
