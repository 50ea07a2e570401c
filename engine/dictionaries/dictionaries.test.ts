import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import pino from 'pino';
import { dictionaryFile, dictionaryId, dictionaryName } from '../../native/dictionaries.js';
import { temporaryDirectory } from '../../test/support/journal.js';
import type { RouteDictionary } from '../../workers/plan.js';
import type { Sink } from '../contracts.js';
import { Dictionaries } from './dictionaries.js';
import { DictionaryFolder } from './dictionary-folder.js';

type KeepingSink = Pick<Sink, 'spec' | 'keepDictionary'>;

/** Samples of events of one kind: `word` makes kinds that have nothing in common. */
function samples(route: number, word: string, count = 600) {
  const texts = Array.from({ length: count }, (_, i) =>
    `${word} host${i % 7} ${word}d[${(i * 31) % 9973}]: ${word} failed for user${(i * 17) % 101} from 10.0.${i % 256}.${(i * 3) % 256} port ${(i * 7919) % 65536} ${word}2\n`.repeat(
      3,
    ),
  );
  return {
    route,
    bytes: Buffer.from(texts.join('')),
    sizes: Uint32Array.from(texts, (text) => Buffer.byteLength(text)),
  };
}

function sink(id: string, keep: (name: string, bytes: Uint8Array) => Promise<void>): KeepingSink {
  return { spec: { id } as Sink['spec'], keepDictionary: keep };
}

class WatchedFolder extends DictionaryFolder {
  constructor(
    path: string,
    readonly reads: number[],
  ) {
    super(path);
  }
  override read(id: number): Uint8Array {
    this.reads.push(id);
    return super.read(id);
  }
}

class Bench {
  readonly told: (readonly RouteDictionary[])[] = [];
  readonly order: string[] = [];
  readonly folder: string;
  sinks: KeepingSink[] = [];
  /** A worker does not listen. */
  deaf = false;
  readonly reads: number[] = [];

  constructor(t: TestContext, folder?: string) {
    this.folder = folder ?? join(temporaryDirectory(t), 'dictionaries');
  }

  open(gainMin = 0.1): Dictionaries {
    const sources = ['syslog+tcp://a', 'syslog+tcp://b'];
    return new Dictionaries({
      options: { bytesMax: 8192, gainMin, level: 1 },
      folder: new WatchedFolder(this.folder, this.reads),
      log: pino({ enabled: false }),
      sinks: () => this.sinks,
      sourceOf: (route) => sources[route],
      routesOf: (source) => (sources.includes(source) ? [sources.indexOf(source)] : []),
      tell: async (dictionaries) => {
        this.order.push('workers');
        this.told.push(dictionaries);
        if (this.deaf) throw new Error('worker 1 does not answer');
      },
    });
  }
}

test('a dictionary that gains is kept beside the journal and by every sink before a worker uses it', async (t) => {
  const bench = new Bench(t);
  bench.sinks = [
    sink('kafka', async (name, bytes) => {
      assert.ok(existsSync(join(bench.folder, `${name}.zdict`)), 'durable here first');
      assert.equal(Number.parseInt(name, 16), dictionaryId(bytes));
      bench.order.push('kafka');
    }),
    { spec: { id: 'store' } as Sink['spec'] },
  ];
  const dictionaries = bench.open();
  await dictionaries.offer(samples(1, 'sshd'));
  assert.deepEqual(bench.order, ['kafka', 'workers']);
  assert.deepEqual(
    bench.told[0]?.map(({ route }) => route),
    [1],
  );
  assert.deepEqual(dictionaries.readings, { trained: 1, promoted: 1, declined: 0, failed: 0 });
});

test('one that gains too little beside the one in use is declined; of another kind of events it is taken', async (t) => {
  const bench = new Bench(t);
  const dictionaries = bench.open();
  await dictionaries.offer(samples(0, 'sshd'));
  await dictionaries.offer(samples(0, 'sshd'));
  assert.deepEqual(dictionaries.readings, { trained: 2, promoted: 1, declined: 1, failed: 0 });
  await dictionaries.offer(samples(0, 'postfix'));
  assert.equal(dictionaries.readings.promoted, 2);
  const files = readdirSync(bench.folder).filter((name) => name.endsWith('.zdict'));
  assert.equal(files.length, 2, 'the first is kept: what was written with it can be read');
});

test('a margin that nothing reaches promotes nothing', async (t) => {
  const bench = new Bench(t);
  const dictionaries = bench.open(0.9);
  await dictionaries.offer(samples(0, 'sshd'));
  assert.deepEqual([dictionaries.readings.declined, bench.told.length, existsSync(bench.folder)], [1, 0, false]);
});

test('a sink that cannot keep it: workers never get it, the next samples try again', async (t) => {
  const bench = new Bench(t);
  let reachable = false;
  bench.sinks = [
    sink('kafka', async () => {
      if (!reachable) throw new Error('the topic penstock.dictionaries cannot be reached');
    }),
  ];
  const dictionaries = bench.open();
  await dictionaries.offer(samples(0, 'sshd'));
  assert.deepEqual(dictionaries.readings, { trained: 1, promoted: 0, declined: 0, failed: 1 });
  assert.equal(bench.told.length, 0);
  reachable = true;
  await dictionaries.offer(samples(0, 'sshd'));
  assert.equal(dictionaries.readings.promoted, 1);
  assert.equal(bench.told.length, 1);
});

test('too few samples, or a route that is gone: nothing happens to what is', async (t) => {
  const bench = new Bench(t);
  const dictionaries = bench.open();
  await dictionaries.offer({ route: 0, bytes: Buffer.from('12345678'), sizes: Uint32Array.of(8) });
  assert.equal(dictionaries.readings.failed, 1);
  await dictionaries.offer(samples(7, 'sshd'));
  assert.equal(dictionaries.readings.trained, 0);
});

test('sources that offer at once are trained one after the other; more of the same source is not needed', async (t) => {
  const bench = new Bench(t);
  const dictionaries = bench.open();
  const offers = [samples(0, 'sshd'), samples(1, 'postfix'), samples(0, 'squid')];
  await Promise.all(offers.map((each) => dictionaries.offer(each)));
  assert.deepEqual(dictionaries.readings, { trained: 2, promoted: 2, declined: 0, failed: 0 });
  assert.deepEqual(
    bench.told.at(-1)?.map(({ route }) => route),
    [0, 1],
  );
});

test('the next run uses what the last one did, once its sinks have it', async (t) => {
  const first = new Bench(t);
  await first.open().offer(samples(1, 'sshd'));
  const second = new Bench(t, first.folder);
  const kept: string[] = [];
  second.sinks = [sink('kafka', async (name) => void kept.push(name))];
  const dictionaries = second.open();
  await dictionaries.start();
  assert.deepEqual(second.told, first.told);
  assert.equal(kept.length, 1);
  await dictionaries.refresh();
  assert.equal(kept.length, 1, 'told once');
  second.sinks.push(sink('other', async (name) => void kept.push(`other ${name}`)));
  await dictionaries.refresh();
  assert.equal(kept.length, 2, 'a new sink has it too');
});

test('a damaged, replaced or lost dictionary of the last run is said, and trained anew; the other stays', async (t) => {
  const first = new Bench(t);
  const one = first.open();
  await one.offer(samples(0, 'sshd'));
  await one.offer(samples(1, 'postfix'));
  const [bad, good] = (first.told.at(-1) ?? []).map(({ dictionary }) => dictionary) as [Uint8Array, Uint8Array];
  const file = join(first.folder, dictionaryFile(dictionaryId(bad)));
  for (const damage of [
    () => writeFileSync(file, 'no dictionary'),
    () => writeFileSync(file, good),
    () => rmSync(file),
  ]) {
    damage();
    const second = new Bench(t, first.folder);
    const kept: string[] = [];
    second.sinks = [sink('kafka', async (name) => void kept.push(name))];
    const dictionaries = second.open();
    await dictionaries.start();
    assert.deepEqual(second.told.at(-1), [{ route: 1, dictionary: Buffer.from(good) }], `${damage}`);
    assert.deepEqual([dictionaries.readings.failed, kept], [1, [dictionaryName(dictionaryId(good))]], `${damage}`);
  }
  const third = new Bench(t, first.folder);
  const dictionaries = third.open();
  await dictionaries.start();
  await dictionaries.offer(samples(0, 'postgres'));
  assert.equal(dictionaries.readings.promoted, 1);
  assert.equal(third.told.at(-1)?.length, 2);
});

test('a list of what is in use that is none: everything is trained anew', async (t) => {
  const bench = new Bench(t);
  await bench.open().offer(samples(0, 'sshd'));
  for (const list of ['{', '[]x', '{"syslog+tcp://a": "../../etc/passwd"}', 'null']) {
    writeFileSync(join(bench.folder, 'in-use.json'), list);
    const dictionaries = bench.open();
    await dictionaries.start();
    assert.deepEqual([dictionaries.readings.failed, bench.told.length], [1, 1], list);
  }
});

test('every dictionary of the folder is announced again at the start: earlier frames need those that are no more in use', async (t) => {
  const bench = new Bench(t);
  const first = bench.open();
  await first.offer(samples(0, 'sshd'));
  await first.offer(samples(0, 'postfix'));
  const kept: string[] = [];
  bench.sinks = [sink('kafka', async (name) => void kept.push(`${name}.zdict`))];
  await bench.open().start();
  assert.deepEqual(
    kept.sort(),
    readdirSync(bench.folder).filter((name) => name.endsWith('.zdict')),
  );
  assert.equal(kept.length, 2);
});

test('while a sink cannot keep them no folder fills with candidates, and a new sink without them ends their use', async (t) => {
  const bench = new Bench(t);
  const dictionaries = bench.open();
  t.after(() => dictionaries.stop());
  await dictionaries.offer(samples(0, 'sshd'));
  bench.sinks = [sink('kafka', () => Promise.reject(new Error('away')))];
  await dictionaries.offer(samples(0, 'postfix'));
  assert.equal(readdirSync(bench.folder).filter((name) => name.endsWith('.zdict')).length, 1);
  assert.equal(bench.told.length, 1);
  await dictionaries.refresh();
  assert.deepEqual(bench.told.slice(1), [[]], 'its readers could not get the one in use');
});

test('a worker that does not listen: the others write frames with the dictionary, which stays, also for the next run', async (t) => {
  const bench = new Bench(t);
  bench.deaf = true;
  const dictionaries = bench.open();
  t.after(() => dictionaries.stop());
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await dictionaries.offer(samples(0, 'sshd'));
  const [told] = bench.told[0] ?? [];
  assert.ok(told);
  const folder = new DictionaryFolder(bench.folder);
  assert.deepEqual(folder.ids(), [dictionaryId(told.dictionary)]);
  assert.deepEqual([...folder.inUse()], [['syslog+tcp://a', dictionaryId(told.dictionary)]]);
  bench.deaf = false;
  t.mock.timers.tick(30_000);
  for (let turns = 0; turns < 10; turns++) await Promise.resolve();
  assert.deepEqual(bench.told.slice(1), [[told]], 'all are told again');
});

test('a worker that does not listen while a sink is away: nobody rejects, and it is tried again', async (t) => {
  const bench = new Bench(t);
  await bench.open().offer(samples(0, 'sshd'));
  let tries = 0;
  bench.sinks = [
    sink('kafka', async () => {
      if (tries++ === 0) throw new Error('away');
    }),
  ];
  bench.deaf = true;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const dictionaries = bench.open();
  t.after(() => dictionaries.stop());
  await dictionaries.start();
  assert.equal(tries, 1);
  bench.deaf = false;
  t.mock.timers.tick(30_000);
  for (let turns = 0; turns < 10; turns++) await Promise.resolve();
  assert.deepEqual([tries, bench.told.at(-1)?.length], [2, 1]);
});

test('a sink of the same name is another one: its topic gets the dictionaries too', async (t) => {
  const bench = new Bench(t);
  const kept: string[] = [];
  bench.sinks = [sink('kafka', async () => void kept.push('before'))];
  const dictionaries = bench.open();
  await dictionaries.offer(samples(0, 'sshd'));
  bench.sinks = [sink('kafka', async () => void kept.push('after'))];
  await dictionaries.refresh();
  assert.deepEqual(kept, ['before', 'after']);
});

test('dictionaries that every sink has are not read again', async (t) => {
  const bench = new Bench(t);
  const first = bench.open();
  await first.offer(samples(0, 'sshd'));
  await first.offer(samples(0, 'postfix'));
  bench.sinks = [sink('kafka', async () => {})];
  await first.refresh();
  const read = bench.reads.length;
  assert.ok(read > 0);
  await first.refresh();
  assert.equal(bench.reads.length, read);
});
