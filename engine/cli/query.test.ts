import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { compact } from '../../adapters/sinks/store/compact.js';
import { emptyManifest, writeManifest, writePointer } from '../../adapters/sinks/store/manifest.js';
import { Compressor, compressBound } from '../../native/codecs.js';
import { crc32c, LaneWriter } from '../../native/journal.js';
import { projectRoot } from '../../native/load.js';
import { encodeLogEvent } from '../../native/log-event.js';
import { makeRecordBatch, temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { until } from '../../test/support/until.js';
import { makeLane } from '../journal/segments.js';
import { usage } from './query.js';
import { printable, type ResultFormat, render } from './render.js';
import { openStore } from './store-query.js';
import { runTail } from './tail.js';

const bootNs = 1_772_362_740_000_000_000n; // 2026-03-01T10:59:00Z

function logEvent(i: number): Buffer {
  return encodeLogEvent({
    createdNs: bootNs + BigInt(i) * 1_000_000_000n,
    timestampNs: bootNs + BigInt(i) * 1_000_000_000n + 123_456_789n,
    id: [1, 2, 3, 4, i],
    original: Buffer.from(`<34>original \u001b[31m ${i}`),
    message: `message ${i}`,
    peer: '203.0.113.7',
    problems: i === 3 ? [['invalid_pri', 0]] : [],
    fields: [
      ['host.hostname', 'string', i % 2 === 0 ? 'even' : 'odd'],
      ['process.pid', 'int', BigInt(i)],
      ['source.ip', 'string', '198.51.100.1'],
    ],
    attrs: [['custom.depth', 'int', BigInt(i * 10)]],
  }).protobuf;
}

/** Ten LogEvents as the engine stores them: zstd, two lanes. */
function setUp(t: TestContext): { data: string; journal: string; writer: LaneWriter } {
  const data = temporaryDirectory(t);
  const journal = join(data, 'journal');
  const writers = [0, 1].map((lane) => new LaneWriter(makeLane(journal, lane), { lane }));
  for (let i = 0; i < 10; i += 2) {
    const bytes = compressed(makeRecordBatch([logEvent(i), logEvent(i + 1)]));
    writers[i % 4 === 0 ? 0 : 1]?.commitGroup([{ bytes, count: 2, firstReceivedMs: Number(bootNs / 1_000_000n) + i }]);
  }
  return { data, journal, writer: writers[0] as LaneWriter };
}

function compressed(batch: Buffer): Buffer {
  const records = batch.subarray(61);
  const out = Buffer.alloc(61 + compressBound('zstd', records.length));
  batch.copy(out, 0, 0, 61);
  const size = new Compressor('zstd').compressInto(records, 0, records.length, out, 61);
  const whole = out.subarray(0, 61 + size);
  whole.writeInt32BE(whole.length - 12, 8);
  whole.writeInt16BE(4, 21);
  whole.writeUInt32BE(crc32c(whole.subarray(21)), 17);
  return whole;
}

test('LogEvents are rows with typed columns, before and after compaction', async (t) => {
  const { data, journal } = setUp(t);
  const ask = async (sql: string): Promise<readonly (readonly unknown[])[]> => {
    const store = await openStore({ data, memoryBytes: 256 << 20, threads: 1 });
    try {
      return (await store.run(sql)).rows;
    } finally {
      store.close();
    }
  };
  for (const state of ['journal', 'files']) {
    const [row] = await ask(
      `SELECT "@timestamp", "host.hostname", "process.pid", "source.ip", "log.source.address", message, "event.original",
        attrs->>'custom.depth', length("event.id"), typeof("process.pid")
      FROM events WHERE "process.pid" = 3`,
    );
    assert.deepEqual(
      row?.slice(0, 7),
      [
        '2026-03-01 10:59:03.123456',
        'odd',
        '3',
        '198.51.100.1',
        '203.0.113.7',
        'message 3',
        '<34>original \u001b[31m 3',
      ],
      state,
    );
    assert.deepEqual(row?.slice(7), ['30', '36', 'BIGINT'], state);
    const counts = await ask(`SELECT "host.hostname", count(*)::INT FROM events GROUP BY 1 ORDER BY 1`);
    assert.deepEqual(
      counts,
      [
        ['even', 5],
        ['odd', 5],
      ],
      state,
    );
    if (state === 'journal')
      await compact({ store: data, journal, retention: { days: 0, bytes: 0 }, memoryBytes: 256 << 20 });
  }
});

test("the engine's directory leads to the store of its journal, wherever it is; without one it is said what is missing", async (t) => {
  const { data, journal } = setUp(t);
  const elsewhere = temporaryDirectory(t);
  const other = temporaryDirectory(t);
  const open = () => openStore({ data, memoryBytes: 256 << 20, threads: 1 });
  const count = async (): Promise<[events: unknown, journalOnly: boolean]> => {
    const store = await open();
    const { rows } = await store.run('SELECT count(*)::INT FROM events');
    store.close();
    return [rows[0]?.[0], store.journalOnly !== null];
  };
  assert.deepEqual(await count(), [10, true]);
  await compact({ store: elsewhere, journal, retention: { days: 0, bytes: 0 }, memoryBytes: 256 << 20 });
  // What is compacted goes from the journal some time.
  rmSync(join(journal, 'lane-001'), { recursive: true });
  assert.deepEqual(await count(), [6, true]);
  writePointer(journal, 'store-elsewhere', elsewhere);
  assert.deepEqual(await count(), [10, false]);
  // A store that has become another journal's, or is gone, is none of this one.
  writePointer(journal, 'store-gone', join(other, 'gone'));
  writeManifest(other, emptyManifest(other, join(other, 'journal')));
  writePointer(journal, 'store-other', other);
  assert.deepEqual(await count(), [10, false]);
  writeManifest(other, emptyManifest(other, journal));
  await assert.rejects(open, { code: 'STORE_AMBIGUOUS' });
});

test('SQL reads events and nothing else', async (t) => {
  const { data } = setUp(t);
  const store = await openStore({ data, memoryBytes: 256 << 20, threads: 1 });
  const refused = [
    `SELECT * FROM read_text('/etc/passwd')`,
    `SELECT * FROM read_csv('${data}/manifest.json')`,
    `COPY events TO '${data}/out.csv'`,
    `ATTACH '${data}/x.db'`,
    'SET enable_external_access=true',
    'CREATE TABLE t AS SELECT 1',
    'DROP VIEW events',
    'SELECT 1; SELECT 2',
    'INSTALL httpfs',
    'SELEC 1',
    '',
  ];
  for (const sql of refused) await assert.rejects(store.run(sql), { name: 'OperatingError' }, sql);
  assert.equal((await store.run('DESCRIBE events')).rows[0]?.[0], '@timestamp');
  assert.ok((await store.run('EXPLAIN SELECT 1')).rows.length > 0);
  store.close();
});

test('results as table, JSON and CSV; control characters never reach the terminal', async (t) => {
  const { data } = setUp(t);
  const store = await openStore({ data, memoryBytes: 256 << 20, threads: 1 });
  const show = async (sql: string, format: ResultFormat, width: number): Promise<string> => {
    let shown = '';
    for await (const piece of render(await store.stream(sql), format, width)) shown += piece;
    return shown;
  };
  const two = `SELECT "@timestamp", "process.pid", "event.original" FROM events ORDER BY 2 LIMIT 2`;
  assert.equal(
    await show(two, 'table', 60),
    [
      '@timestamp                  process.pid  event.original',
      '──────────────────────────  ───────────  ───────────────────',
      '2026-03-01 10:59:00.123456            0  <34>original \\x1b[…',
      '2026-03-01 10:59:01.123456            1  <34>original \\x1b[…',
      '(2 rows)',
      '',
    ].join('\n'),
  );
  assert.deepEqual(JSON.parse((await show(two, 'json', 0)).split('\n')[0] ?? ''), {
    '@timestamp': '2026-03-01T10:59:00.123456Z',
    'process.pid': 0,
    'event.original': '<34>original \u001b[31m 0',
  });
  assert.match(await show(two, 'csv', 0), /^@timestamp,process\.pid,event\.original\r\n2026-03-01 10:59:00\.123456,0,/);
  const all = await show('SELECT * FROM events LIMIT 1', 'table', 80);
  assert.match(all, /^── 1 ─+\n/);
  assert.ok(all.split('\n').every((line) => Array.from(line).length <= 80));
  assert.equal(printable('a\u202eb\u009bc\n'), 'a\\u202eb\\x9bc⏎');
  const hostile = `SELECT 'a' || chr(155) || '31m' || chr(8238) || chr(127) AS text`;
  const asJson = await show(hostile, 'json', 80);
  assert.equal(asJson, '{"text":"a\\u009b31m\\u202e\\u007f"}\n');
  assert.deepEqual(JSON.parse(asJson), { text: 'a\u009b31m\u202e\u007f' });
  assert.equal(await show(hostile, 'csv', 80), 'text\r\na\\x9b31m\\u202e\\x7f\r\n');
  assert.equal(await show(hostile, 'csv', Number.POSITIVE_INFINITY), 'text\r\na\u009b31m\u202e\u007f\r\n');
  // JSON columns are JSON, with all digits of their numbers, on one line; times are RFC 3339.
  assert.equal(
    await show(
      `SELECT attrs, '{"n":\n12345678901234567890}'::JSON AS n FROM events ORDER BY "process.pid" LIMIT 1`,
      'json',
      0,
    ),
    '{"attrs":{"custom.depth":0},"n":{"n": 12345678901234567890}}\n',
  );
  assert.equal(
    await show("SELECT TIMESTAMPTZ '2026-03-01 12:00:00.5+02' AS t", 'json', 0),
    '{"t":"2026-03-01T10:00:00.5Z"}\n',
  );
  // Columns are as wide as the first rows ask for; what comes later is not cut where there is no terminal.
  const long = 'SELECT CASE WHEN i = 300000 THEN i ELSE 1 END AS n FROM range(300001) t(i) ORDER BY i';
  assert.match(
    await show(long, 'table', Number.POSITIVE_INFINITY),
    /^n\n─\n1\n(1\n){299999}300000\n\(300001 rows\)\n$/,
  );
  await assert.rejects(store.run(''), /it is empty/);
  await assert.rejects(store.run('SELECT "related.ip" FROM events'), { remedy: /attrs->>'related\.ip'/ });
  store.close();
});

test('the command says what is wrong and how to go on', async (t) => {
  const { data, journal } = setUp(t);
  const main = `import('${new URL('./query.js', import.meta.url).href}').then(async (m) => process.exit(await m.runQuery(process.argv.slice(1))))`;
  const query = async (...args: string[]) => {
    const child = spawn(process.execPath, ['-e', main, '--', ...args]);
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { out: await text(child.stdout), err: await text(child.stderr), code: await code };
  };
  const count = () => query('--data', data, '--format', 'json', 'SELECT count(*) AS n FROM events');
  const young = await count();
  assert.deepEqual([young.out, young.code], ['{"n":10}\n', 0]);
  assert.match(young.err, /has no store: events are those that its journal still holds\n {2}--data names/);
  writeManifest(data, emptyManifest(data, journal));
  const fine = await count();
  assert.deepEqual([fine.out, fine.err, fine.code], ['{"n":10}\n', '', 0]);
  const nowhere = await query('--data', join(data, 'nowhere'), 'SELECT 1');
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.err, /nowhere does not exist\n {2}name the directory/);
  assert.equal((await query('--data', data)).code, 64);
  const bad = await query('--data', data, `SELECT ("event.original")::INTEGER FROM events`);
  assert.match(bad.err, /Could not convert string '<34>original \\x1b\[31m/);
});

test('tail prints the last events, then what comes', async (t) => {
  const { data, writer } = setUp(t);
  const output = new PassThrough();
  let said = '';
  output.on('data', (chunk) => {
    said += chunk;
  });
  const lines = () => said.split('\n').slice(0, -1);
  const stop = new AbortController();
  const done = runTail(['--data', data, '--lines', '3'], stop.signal, output);
  await until('the last three are there', () => lines().length === 3);
  writer.commitGroup([textBatch('{"message":"new one","a\u009b31m":"\u007f"}')]);
  await until('the new one is there', () => lines().length > 3);
  stop.abort();
  assert.equal(await done, 0);
  const messages = lines().map((line) => JSON.parse(line).message);
  assert.deepEqual(messages, ['message 7', 'message 8', 'message 9', 'new one']);
  assert.match(said, /"a\\u009b31m":"\\u007f"/);

  const once = new PassThrough();
  assert.equal(await runTail(['--data', data, '--lines', '100', '--no-follow'], undefined, once), 0);
  once.end();
  assert.equal((await text(once)).trim().split('\n').length, 11);
});

test('a reader that is slower than the query gets all of its rows', async (t) => {
  const { data } = setUp(t);
  const sql = "SELECT repeat('x', 1000) FROM events, range(100)";
  const query = spawn(join(projectRoot, 'bin/penstock'), ['query', '--data', data, '--format', 'csv', sql]);
  await pause(2000); // the pipe has long been full
  const lines = (await text(query.stdout)).trim().split('\n');
  assert.equal(lines.length, 1 + 1000);
  assert.equal(lines.at(-1)?.length, 1000);
});

test('the examples of the help work as a shell takes them', async (t) => {
  const { data } = setUp(t);
  const examples = usage.split('\n').filter((line) => line.startsWith('  penstock query '));
  assert.ok(examples.length > 0);
  const store = await openStore({ data, memoryBytes: 256 << 20, threads: 1 });
  try {
    for (const example of examples) {
      const sql = execFileSync('sh', ['-c', `penstock() { printf %s "$2"; }; ${example}`], { encoding: 'utf8' });
      await assert.doesNotReject(store.run(sql), example);
    }
  } finally {
    store.close();
  }
});

test('a query that is ended by a signal or by its reader leaves no events behind', async (t) => {
  const { data } = setUp(t);
  const folder = temporaryDirectory(t);
  const env = { ...process.env, TMPDIR: folder };
  const run = (sql: string) =>
    spawn(join(projectRoot, 'bin/penstock'), ['query', '--data', data, '--format', 'csv', sql], { env });
  const endless = run('SELECT count(*) FROM range(1000000000000)');
  const ended = new Promise((resolve) => endless.once('close', (_, signal) => resolve(signal)));
  await until('the query reads its files', () => readdirSync(folder).length === 1);
  await pause(500);
  endless.kill('SIGINT');
  assert.equal(await ended, 'SIGINT');
  assert.deepEqual(readdirSync(folder), []);

  const unread = run('SELECT i FROM range(10000000) t(i)');
  const closed = new Promise<number | null>((resolve) => unread.once('close', resolve));
  unread.stdout.once('data', () => unread.stdout.destroy());
  assert.equal(await closed, 0);
  assert.deepEqual(readdirSync(folder), []);
});

test('where nothing can be put aside, it says what to set', (t) => {
  const { data } = setUp(t);
  const { status, stderr } = spawnSync(join(projectRoot, 'bin/penstock'), ['query', '--data', data, 'SELECT 1'], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: join(data, 'missing') },
  });
  assert.equal(status, 1);
  assert.match(stderr, /cannot be put aside in \S+\/missing: ENOENT\n {2}name a directory .*TMPDIR=/);
});

test('a file of the store that is gone or damaged is named, with what to do', async (t) => {
  const { data, journal } = setUp(t);
  await compact({ store: data, journal, retention: { days: 0, bytes: 0 }, memoryBytes: 256 << 20 });
  const [{ path }] = JSON.parse(readFileSync(join(data, 'manifest.json'), 'utf8')).files as [{ path: string }];
  const settings = { data, memoryBytes: 256 << 20, threads: 1 };
  const remedy = /penstock audit/;
  writeFileSync(join(data, path), 'rubbish that is no Parquet');
  const query = async () => (await openStore(settings)).run('SELECT count(*) FROM events');
  await assert.rejects(query, { name: 'OperatingError', message: /part-\w+\.parquet/, remedy });
  const wrong = { ...settings, statement: 'DROP VIEW events' };
  await assert.rejects(openStore(wrong), { code: 'QUERY_REFUSED' }, 'the statement is looked at before the store');
  rmSync(join(data, path));
  await assert.rejects(query, { code: 'STORE_FILE_MISSING', message: /part-\w+\.parquet is missing/, remedy });
});
