/** Avro bodies: files and messages become events as their JSON; what is wrong or too much is refused whole. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import avro from 'avsc';
import { projectRoot } from '../../../native/load.js';
import { pieceBytesMax } from './framing.js';
import { type Harness, withListener } from './testing.js';

const files = mkdtempSync(join(tmpdir(), 'penstock-avro-'));
after(() => rmSync(files, { recursive: true, force: true }));

const data = join(projectRoot, 'test/data/codecs/avro');
const asAvro = { 'content-type': 'application/avro' };
const sync = Buffer.alloc(16, 7);

const long = (n: number | bigint): Buffer => {
  let rest = BigInt.asUintN(64, (BigInt(n) << 1n) ^ (BigInt(n) >> 63n));
  const out: number[] = [];
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  return Buffer.from([...out, Number(rest)]);
};
const sized = (bytes: string | Buffer) => Buffer.concat([long(bytes.length), Buffer.from(bytes)]);

interface Block {
  readonly count: number | bigint;
  readonly bytes: Buffer;
}

function fileOf(schema: unknown, blocks: readonly Block[], codec = 'null'): Buffer {
  const metadata = [
    sized('avro.schema'),
    sized(Buffer.from(JSON.stringify(schema))),
    sized('avro.codec'),
    sized(codec),
  ];
  const body = blocks.flatMap(({ count, bytes }) => [long(count), sized(bytes), sync]);
  return Buffer.concat([Buffer.from('Obj\x01'), long(2), ...metadata, long(0), sync, ...body]);
}

const events = (http: Harness) => http.delivered.flatMap(({ frames }) => frames);

const schema = {
  type: 'record',
  name: 'Flow',
  fields: [
    { name: 'host', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'bytes', type: ['null', 'long'] },
  ],
} as const;
const type = avro.Type.forSchema(schema as unknown as avro.Schema, { wrapUnions: false });
const flow = (n: number) => type.toBuffer({ host: `h${n}`, at: 1_772_000_000_123 + n, bytes: n % 2 ? n : null });
const flowJson = (n: number) =>
  `{"host":"h${n}","at":"${new Date(1_772_000_000_123 + n).toISOString().replace('.000Z', 'Z')}","bytes":${n % 2 ? n : null}}`;

test('files of Apache and others, of every codec, with and without a Content-Type', async () => {
  await withListener({}, async (http) => {
    const weather = ['weather', 'weather-deflate', 'weather-snappy', 'weather-zstd'];
    for (const name of weather) {
      http.delivered.length = 0;
      const { status, body } = await http.post(readFileSync(join(data, `apache/${name}.avro`)), asAvro);
      assert.deepEqual([status, body], [200, { accepted: 5 }], name);
      assert.equal(events(http)[0], '{"station":"011990-99999","time":-619524000000,"temp":0}', name);
      assert.deepEqual(
        http.delivered.map(({ framing, format }) => [framing, format]),
        [['prefixed', 'json']],
      );
    }
    for (const headers of [
      { 'content-type': 'avro/binary' },
      {},
      { 'content-type': 'application/x-www-form-urlencoded' },
    ]) {
      const { body } = await http.post(readFileSync(join(data, 'goavro/quickstop-snappy.avro')), headers);
      assert.deepEqual(body, { accepted: 6001 });
    }
    assert.equal(events(http).length, 5 + 3 * 6001);
  });
});

test('files that others keep as broken are refused, and nothing of them is taken', async () => {
  await withListener({}, async (http) => {
    const names = [
      'cannotDiscardBlockBytes',
      'cannotReadSyncMarker',
      'syncMarkerMismatch',
      'blockSizeNotGreaterThanZero',
      'bad-header',
      'secondBlockCountZero',
      'blockSizeExceedsMaxBlockSize',
      'firstBlockCountNotGreaterThanZero',
      'blockCountExceedsMaxBlockCount',
      'cannotReadBlockSize',
    ];
    for (const name of names) {
      const { status, body } = await http.post(readFileSync(join(data, `goavro/${name}.avro`)), asAvro);
      assert.equal(status, 400, name);
      assert.equal(body.accepted, 0, name);
      assert.match(body.error ?? '', /Avro/, name);
    }
    assert.equal(http.counts.get('requests_refused_total.malformed'), names.length);
    assert.equal(http.delivered.length, 0);
  });
});

test('a large file comes in pieces of bounded size, in order', async () => {
  const count = 20_000;
  const one = (from: number) => Buffer.concat(Array.from({ length: count / 4 }, (_, i) => flow(from + i)));
  const blocks = [0, 1, 2, 3].map((i) => ({ count: count / 4, bytes: deflateRawSync(one((i * count) / 4)) }));
  await withListener({}, async (http) => {
    const { body } = await http.post(fileOf(schema, blocks, 'deflate'), asAvro);
    assert.deepEqual(body, { accepted: count });
    assert.deepEqual(
      events(http),
      Array.from({ length: count }, (_, i) => flowJson(i)),
    );
    assert.ok(http.delivered.length >= (count * 60) / pieceBytesMax);
  });
});

test('what a file claims is not believed', async () => {
  const record = (name: string, fields: object[]) => ({ type: 'record', name, fields });
  const nulls = { type: 'array', items: 'null' };
  const chain = Array.from({ length: 300 }).reduce((left: Buffer) => Buffer.concat([Buffer.of(2), left]), Buffer.of(0));
  const node = record('Node', [{ name: 'next', type: ['null', 'Node'] }]);
  const endless = record('Endless', [{ name: 'again', type: 'Endless' }]);
  const wide = (n: number): object =>
    record(
      `W${n}`,
      n === 0
        ? [{ name: 'x', type: 'null' }]
        : [0, 1].map((i) => ({ name: `f${i}`, type: i ? `W${n - 1}` : wide(n - 1) })),
    );
  const bomb = deflateRawSync(Buffer.alloc(8 << 20));
  const cases: [what: string, file: Buffer, status: number, says: RegExp][] = [
    [
      '2^62 events of no bytes',
      fileOf('null', [{ count: 2n ** 62n, bytes: Buffer.alloc(0) }]),
      413,
      /larger than 1048576 bytes as JSON/,
    ],
    [
      '2^62 nulls',
      fileOf(nulls, [{ count: 1, bytes: Buffer.concat([long(2n ** 62n), long(0)]) }]),
      413,
      /larger than 65536 bytes as JSON/,
    ],
    [
      '−2^63 nulls',
      fileOf(nulls, [{ count: 1, bytes: Buffer.concat([long(-(2n ** 63n)), long(0), long(0)]) }]),
      413,
      /larger than 65536/,
    ],
    [
      'a block size that lies',
      fileOf(nulls, [{ count: 1, bytes: Buffer.concat([long(-2), long(1), long(0)]) }]),
      400,
      /malformed near byte/,
    ],
    ['a size beyond the end', fileOf('bytes', [{ count: 1, bytes: long(2n ** 40n) }]), 400, /malformed near byte/],
    ['a negative size', fileOf('string', [{ count: 1, bytes: long(-1) }]), 400, /malformed near byte/],
    [
      'a varint of 11 bytes',
      fileOf('long', [{ count: 1, bytes: Buffer.concat([Buffer.alloc(10, 0x80), Buffer.of(0)]) }]),
      400,
      /malformed near byte/,
    ],
    ['an int of 33 bits', fileOf('int', [{ count: 1, bytes: long(2 ** 31) }]), 400, /malformed near byte/],
    ['a branch too high', fileOf(['null'], [{ count: 1, bytes: long(1) }]), 400, /malformed near byte/],
    [
      'a negative symbol',
      fileOf({ type: 'enum', name: 'E', symbols: ['A'] }, [{ count: 1, bytes: long(-1) }]),
      400,
      /malformed near byte/,
    ],
    ['a boolean of 2', fileOf('boolean', [{ count: 1, bytes: Buffer.of(2) }]), 400, /malformed near byte/],
    ['records within each other', fileOf(node, [{ count: 1, bytes: chain }]), 400, /more than 256 deep/],
    ['a record of itself', fileOf(endless, [{ count: 1, bytes: Buffer.alloc(0) }]), 400, /more than 256 deep/],
    [
      'a schema that doubles 40 times',
      fileOf(wide(40), [{ count: 1, bytes: Buffer.alloc(0) }]),
      413,
      /larger than 65536/,
    ],
    ['a bomb', fileOf('null', [{ count: 1, bytes: bomb }], 'deflate'), 413, /1048576 bytes when decompressed/],
    ['no deflate', fileOf('null', [{ count: 1, bytes: Buffer.of(1, 2, 3) }], 'deflate'), 400, /not valid deflate/],
    ['no snappy', fileOf('null', [{ count: 1, bytes: Buffer.of(1, 2, 3, 4, 5) }], 'snappy'), 400, /not valid snappy/],
    [
      'snappy of 4 GiB',
      fileOf('null', [{ count: 1, bytes: Buffer.of(255, 255, 255, 255, 15, 0, 0, 0, 0) }], 'snappy'),
      413,
      /when decompressed/,
    ],
    [
      'no zstandard',
      fileOf('null', [{ count: 1, bytes: Buffer.of(1, 2, 3) }], 'zstandard'),
      400,
      /not valid zstandard/,
    ],
    ['a codec nobody has', fileOf('null', [], 'xz'), 415, /codec xz/],
    ['a schema that is none', fileOf({ type: 'record', name: 'a' }, []), 400, /schema has a record without fields/],
    [
      'metadata of many entries',
      Buffer.concat([Buffer.from('Obj\x01'), long(400_000), Buffer.alloc(800_000)]),
      400,
      /more than 1000 entries/,
    ],
    [
      'metadata without end',
      Buffer.concat([Buffer.from('Obj\x01'), long(2n ** 60n), sized('a'), sized('b')]),
      400,
      /ends early/,
    ],
  ];
  await withListener({ body_bytes_max: 1 << 20 }, async (http) => {
    for (const [what, file, status, says] of cases) {
      const answer = await http.post(file, asAvro);
      assert.equal(answer.status, status, `${what}: ${answer.body.error}`);
      assert.match(answer.body.error ?? '', says, what);
    }
    assert.equal(http.delivered.length, 0);
    assert.deepEqual((await http.post(fileOf(schema, []), asAvro)).body, { accepted: 0 });
    assert.deepEqual((await http.post(fileOf(schema, [{ count: 0, bytes: Buffer.alloc(0) }]), asAvro)).body, {
      accepted: 0,
    });
  });
});

test('snappy: the checksum behind a block is held against it', async () => {
  const plain = flow(1);
  const block = (checksum: number) => {
    const bytes = Buffer.concat([Buffer.of(plain.length, (plain.length - 1) << 2), plain, Buffer.alloc(4)]);
    bytes.writeUInt32BE(checksum, bytes.length - 4);
    return fileOf(schema, [{ count: 1, bytes }], 'snappy');
  };
  await withListener({}, async (http) => {
    assert.equal((await http.post(block(crc32(plain)), asAvro)).status, 200);
    assert.deepEqual(events(http), [flowJson(1)]);
    assert.equal((await http.post(block(crc32(plain) ^ 1), asAvro)).status, 400);
  });
});

const message = readFileSync(join(data, 'apache/messageV1/test_message.bin'));
const messageJson = '{"id":42,"name":"Bill","tags":["dog_lover","cat_hater"]}';
const ofMessage = { schema: join(data, 'apache/messageV1/test_schema.avsc') };

test('single objects by the fingerprint of the listener’s schema, one or many', async () => {
  await withListener(ofMessage, async (http) => {
    assert.deepEqual((await http.post(message, asAvro)).body, { accepted: 1 });
    assert.deepEqual((await http.post(Buffer.concat([message, message, message]), asAvro)).body, { accepted: 3 });
    assert.deepEqual(
      events(http),
      Array.from({ length: 4 }, () => messageJson),
    );
    assert.deepEqual((await http.post(Buffer.alloc(0), asAvro)).body, { accepted: 0 });

    const other = Buffer.from(message);
    other[5]! ^= 1;
    const unknown = await http.post(Buffer.concat([message, other]), asAvro);
    assert.equal(unknown.status, 400);
    assert.match(
      unknown.body.error ?? '',
      /no schema is known for fingerprint 3df542a2f9e12da9, of the message at byte 38/,
    );
    assert.equal(http.counts.get('requests_refused_total.schema'), 1);
    for (const end of [1, 5, 9, 10, 20, message.length - 1]) {
      const cut = await http.post(message.subarray(0, end), asAvro);
      assert.equal(cut.status, 400, `${end} bytes`);
    }
    assert.equal((await http.post(Buffer.concat([message, Buffer.of(0xc3)]), asAvro)).status, 400);
    assert.equal(events(http).length, 4);
  });
});

test('a listener whose schema file changed takes the new one with a reload', async () => {
  const path = join(files, 'changing.avsc');
  writeFileSync(path, '"string"');
  await withListener({ schema: path }, async (http) => {
    assert.equal((await http.post(message, asAvro)).status, 400);
    writeFileSync(path, readFileSync(ofMessage.schema));
    const put = http.running.refresh?.();
    assert.equal((await http.post(message, asAvro)).status, 400);
    put?.();
    assert.equal((await http.post(message, asAvro)).status, 200);
    writeFileSync(path, '{');
    assert.throws(() => http.running.refresh?.(), /cannot be used/);
    assert.equal((await http.post(message, asAvro)).status, 200);
  });
});

test('Confluent’s messages by the registry’s id', async () => {
  const asked: number[] = [];
  const byId = async (id: number) => {
    asked.push(id);
    if (id === 7) return JSON.stringify(schema);
    if (id === 8) return '"string"';
    if (id === 9) return '{"type":"record"}';
    if (id > 100) throw new Error('the registry is down');
    return null;
  };
  const message = (id: number, datum: Buffer) => Buffer.concat([Buffer.of(0, 0, 0, id >> 8, id & 255), datum]);
  await withListener(
    {},
    async (http) => {
      const body = Buffer.concat([message(7, flow(1)), message(8, sized('text')), message(7, flow(2))]);
      assert.deepEqual((await http.post(body, asAvro)).body, { accepted: 3 });
      assert.deepEqual(events(http), [flowJson(1), '"text"', flowJson(2)]);
      assert.deepEqual(asked, [7, 8]);
      assert.match((await http.post(message(6, flow(1)), asAvro)).body.error ?? '', /no schema is known for id 6/);
      assert.match((await http.post(message(9, flow(1)), asAvro)).body.error ?? '', /has a named type without a name/);
      const down = await http.post(message(300, flow(1)), asAvro);
      assert.deepEqual([down.status, down.headers.get('retry-after')], [503, '5']);
      assert.match(down.body.error ?? '', /id 300 cannot be told now: the registry is down/);
      const many = Buffer.concat(Array.from({ length: 65 }, (_, i) => message(7 + (i << 8), flow(1))));
      assert.equal((await http.post(many, asAvro)).status, 503);
      assert.equal(events(http).length, 3);
    },
    { writerSchemas: { byId } },
  );
  await withListener({}, async (http) => assert.equal((await http.post(message(7, flow(1)), asAvro)).status, 400));
});

test('an event too large as JSON, or not known as Avro at all', async () => {
  await withListener({}, async (http) => {
    const large = await http.post(fileOf('string', [{ count: 1, bytes: sized('x'.repeat(70_000)) }]), asAvro);
    assert.equal(large.status, 413);
    const expanding = await http.post(fileOf('string', [{ count: 1, bytes: sized('\u0001'.repeat(20_000)) }]), asAvro);
    assert.equal(expanding.status, 413);
    for (const body of ['{}', 'Obj', 'Obj\x02', '\x01'])
      assert.equal((await http.post(body, asAvro)).status, 400, body);
    assert.equal((await http.post('{"a":1}', { 'content-type': 'application/json' })).status, 200);
  });
});
