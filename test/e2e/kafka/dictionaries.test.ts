/** Dictionaries of frames with a real broker: announced in a compacted topic before a frame needs them, and never used when they cannot be. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import { projectRoot } from '../../../native/load.js';
import { frameRecords, isFrame } from '../../../schema/frames/index.js';
import { PenstockProcess } from '../../support/penstock-process.js';
import { numbersIn, trickle } from '../../support/quiet-source.js';
import { KafkaCluster } from './broker.js';
import { createTopic } from './sink-kit.js';

let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start();
});
after(() => cluster?.stop());

const env = {
  PENSTOCK_ENCODING: 'frames',
  PENSTOCK_WORKERS: '1',
  PENSTOCK_DICTIONARIES: 'on',
  PENSTOCK_DICTIONARY_INTERVAL_MS: '1000',
};

test('a consumer finds in the topic every dictionary that a frame needs', { timeout: 900_000 }, async () => {
  const query = 'create_topics=true&replication=1&partitions=1&dictionary_topic=test.dictionaries';
  const deliver = `kafka://${cluster.bootstrap()}/with-dictionaries?${query}`;
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver, env });
  const admin = openAdmin({ brokers: cluster.bootstrap().split(',') });
  try {
    const tried = () => penstock.metric('penstock_compression_dictionary_tried_bytes_total', { way: 'with' });
    const sent = await trickle(penstock.ports[0] as number, 0, async () => (await tried()) > 0);
    assert.ok((await tried()) > 0, penstock.output);
    await penstock.stop();

    const known = new Map<string, Buffer>();
    await admin.readAll('test.dictionaries', ({ key, value }) => {
      if (key && value) known.set(key.toString(), value);
    });
    let events = 0;
    let needed = 0;
    await admin.readAll('with-dictionaries', ({ value }) => {
      if (!value || !isFrame(value)) return;
      const id = value.readUInt32LE(12);
      if (id !== 0) {
        needed++;
        assert.throws(
          () => frameRecords(value),
          new RegExp(`needs the zstd dictionary ${id}, which is not known here`),
        );
      }
      events += frameRecords(value, { dictionary: (each) => known.get(each.toString(16).padStart(8, '0')) }).length;
    });
    assert.equal(events, sent);
    assert.ok(needed > 0);

    const from = `kafka://${cluster.bootstrap()}/with-dictionaries?dictionary_topic=test.dictionaries`;
    const args = ['tail', '--no-follow', '--lines', '1000000', '--from', from];
    const { stdout } = await promisify(execFile)(join(projectRoot, 'bin/penstock'), args, { maxBuffer: 1 << 28 });
    assert.deepEqual(
      numbersIn(stdout),
      Array.from({ length: sent }, (_, i) => i),
      'penstock tail reads them too',
    );
    const few = await promisify(execFile)(join(projectRoot, 'bin/penstock'), args.with(3, '5'));
    assert.deepEqual(
      numbersIn(few.stdout),
      [5, 4, 3, 2, 1].map((back) => sent - back),
      'the last events, not the last frames',
    );

    const own = join(penstock.directory, 'data/dictionaries');
    const files = readdirSync(own).filter((name) => name.endsWith('.zdict'));
    const wanted = files.map((name) => readFileSync(join(own, name)));
    const fetchAll = async () => {
      const fetching = ['dictionaries', '--from', from, '--data', join(penstock.directory, 'data')];
      const { stderr } = await promisify(execFile)(join(projectRoot, 'bin/penstock'), fetching);
      const found = files.map((name) => readFileSync(join(own, name)));
      return { said: stderr, same: found.every((bytes, i) => bytes.equals(wanted[i] as Buffer)) };
    };
    rmSync(own, { recursive: true });
    const counts = (written: number) => `written: ${written}, there already: ${files.length - written}\n`;
    assert.deepEqual(await fetchAll(), { said: counts(files.length), same: true }, 'the folder was lost');
    assert.deepEqual(await fetchAll(), { said: counts(0), same: true });
    writeFileSync(join(own, files[0] as string), 'damaged');
    assert.deepEqual(await fetchAll(), { said: counts(1), same: true }, 'and one that is damaged');
  } finally {
    await admin.close();
    await penstock.dispose();
  }
});

test('a tail that began before the first dictionary reads what needs it', { timeout: 900_000 }, async () => {
  await createTopic(cluster.bootstrap(), 'tailed', 1);
  const query = 'create_topics=true&replication=1&dictionary_topic=later.dictionaries';
  const from = `kafka://${cluster.bootstrap()}/tailed?dictionary_topic=later.dictionaries`;
  const tail = spawn(process.execPath, [
    join(projectRoot, 'dist/engine/main.js'),
    'tail',
    '--lines',
    '0',
    '--from',
    from,
  ]);
  let printed = '';
  tail.stdout.on('data', (chunk) => (printed += chunk));
  await new Promise((resolve) => setTimeout(resolve, 5_000)); // it has looked for the topic, which is not there yet
  const deliver = `kafka://${cluster.bootstrap()}/tailed?${query}`;
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver, env });
  try {
    const tried = () => penstock.metric('penstock_compression_dictionary_tried_bytes_total', { way: 'with' });
    const sent = await trickle(penstock.ports[0] as number, 0, async () => (await tried()) > 0);
    await penstock.until('the last event is printed', () => printed.includes(` event ${sent - 1}"`));
    assert.doesNotMatch(printed, /needs the zstd dictionary/);
  } finally {
    tail.kill();
    await penstock.dispose();
  }
});

test('a topic for dictionaries that is not there: said, and frames go on without', { timeout: 900_000 }, async () => {
  await createTopic(cluster.bootstrap(), 'without-dictionaries', 1);
  const deliver = `kafka://${cluster.bootstrap()}/without-dictionaries?dictionary_topic=not.there`;
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver, env });
  try {
    const trainings = (result: string) => penstock.metric('penstock_dictionary_trainings_total', { result });
    const sent = await trickle(penstock.ports[0] as number, 0, async () => (await trainings('failed')) > 0);
    assert.ok((await trainings('failed')) > 0, penstock.output);
    assert.equal(await trainings('promoted'), 0);
    assert.equal(await penstock.metric('penstock_compression_dictionary_info'), 0);
    await penstock.untilOutput(/announcing a dictionary in not\.there/);
    await penstock.stop();
    assert.ok(sent > 0);
  } finally {
    await penstock.dispose();
  }
});

test('a topic for dictionaries that forgets them: said with what to do, and frames go on without until it is compacted', {
  timeout: 900_000,
}, async () => {
  await createTopic(cluster.bootstrap(), 'before-forgetful', 1);
  await createTopic(cluster.bootstrap(), 'forgetful', 1);
  const deliver = `kafka://${cluster.bootstrap()}/before-forgetful?dictionary_topic=forgetful`;
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver, env });
  const admin = openAdmin({ brokers: cluster.bootstrap().split(',') });
  try {
    const trainings = (result: string) => penstock.metric('penstock_dictionary_trainings_total', { result });
    const first = await trickle(penstock.ports[0] as number, 0, async () => (await trainings('failed')) > 0);
    await penstock.untilOutput(
      /in forgetful: the topic deletes old records \(cleanup\.policy=delete, .*set its cleanup/,
    );
    assert.equal(await trainings('promoted'), 0);
    await admin.configureTopic('forgetful', { 'cleanup.policy': 'compact' });
    await trickle(penstock.ports[0] as number, first, async () => (await trainings('promoted')) > 0);
    assert.equal(await trainings('promoted'), 1);
  } finally {
    await admin.close();
    await penstock.dispose();
  }
});
