/** Dictionaries of small frames with the real program: trained on what comes in, used, kept, needed by readers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { numbersIn, trickle } from '../support/quiet-source.js';

const env = {
  PENSTOCK_ENCODING: 'frames',
  PENSTOCK_WORKERS: '1',
  PENSTOCK_DICTIONARIES: 'on',
  PENSTOCK_DICTIONARY_INTERVAL_MS: '1000',
};

function tail(directory: string): string {
  const { stdout, stderr, status } = spawnSync(
    join(projectRoot, 'bin/penstock'),
    ['tail', '--no-follow', '--lines', '1000000', '--data', join(directory, 'data')],
    { env: { PATH: process.env.PATH }, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 900_000 },
  );
  assert.equal(status, 0, stderr);
  return stdout;
}

test('small frames get a dictionary that gains; with it every event is read, without it a reader says which is missing', async () => {
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], env });
  let kept: PenstockProcess | undefined;
  try {
    const inUse = async () => (await penstock.metric('penstock_compression_dictionary_info')) === 1;
    const tried = (way: string) => penstock.metric('penstock_compression_dictionary_tried_bytes_total', { way });
    const port = penstock.ports[0] as number;
    let sent = await trickle(port, 0, inUse);
    assert.ok(await inUse(), penstock.output);
    sent += await trickle(port, sent, async () => (await tried('with')) > 0);
    assert.ok((await tried('with')) < 0.9 * (await tried('without')), 'it gains on what it has not seen');
    assert.equal(await penstock.metric('penstock_unaccounted_events'), 0);

    await penstock.expectMetric('penstock_events_committed_total', sent);
    const wanted = Array.from({ length: sent }, (_, i) => i);
    assert.deepEqual(numbersIn(tail(penstock.directory)), wanted);

    const folder = join(penstock.directory, 'data/dictionaries');
    const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.zdict'));
    renameSync(join(folder, file), join(folder, 'elsewhere'));
    const without = tail(penstock.directory);
    const id = Number.parseInt(file, 16);
    assert.match(without, new RegExp(`needs the zstd dictionary ${id}, which is not known here: it is ${file}`));
    const asked = spawnSync(
      join(projectRoot, 'bin/penstock'),
      ['query', '--data', join(penstock.directory, 'data'), 'SELECT count(*) FROM events'],
      { env: { PATH: process.env.PATH }, encoding: 'utf8' },
    );
    assert.match(asked.stderr, new RegExp(`^penstock query: events are missing.* needs the zstd dictionary ${id}`));
    mkdirSync(join(folder, file));
    assert.match(tail(penstock.directory), new RegExp(`the dictionary \\S+${file} cannot be read: EISDIR`));
    rmdirSync(join(folder, file));
    renameSync(join(folder, 'elsewhere'), join(folder, file));
    assert.deepEqual(numbersIn(tail(penstock.directory)), wanted, 'found again');

    await penstock.stop();
    kept = await PenstockProcess.start({
      listen: ['syslog+tcp'],
      env: { ...env, PENSTOCK_DICTIONARY_GAIN_MIN_PERCENT: '90' },
      directory: penstock.directory,
      ports: penstock.ports, // dictionaries belong to a listener's URL
    });
    const known = kept;
    await trickle(
      kept.ports[0] as number,
      sent,
      async () => (await known.metric('penstock_compression_dictionary_info')) === 1,
    );
    assert.equal(await kept.metric('penstock_compression_dictionary_info'), 1, 'the next run goes on with it');
    assert.equal(await kept.metric('penstock_dictionary_trainings_total', { result: 'promoted' }), 0);
  } finally {
    await kept?.dispose();
    await penstock.dispose();
  }
});

test('a busy listener does not keep a quiet one from its dictionary', async () => {
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp', 'syslog+tcp'],
    env: { ...env, PENSTOCK_DICTIONARY_INTERVAL_MS: '600000' },
  });
  try {
    const inUse = async () => (await penstock.metric('penstock_compression_dictionary_info')) === 2;
    await Promise.all(penstock.ports.map((port) => trickle(port, 0, inUse)));
    assert.ok(await inUse(), penstock.output);
  } finally {
    await penstock.dispose();
  }
});
