/** Encodings avro and msgpack through the real pipeline, read by readers that are not ours, beside protobuf and json of the same input. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { decode, decodeTimestampToTimeSpec, ExtensionCodec } from '@msgpack/msgpack';
import { projectRoot } from '../../native/load.js';
import { readLogEvent } from '../../schema/reader.js';
import { asEvent, avroSchema, avroType } from '../support/avro-reader.js';
import { headerOf, journalRecords } from '../support/journal-records.js';
import { PenstockProcess } from '../support/penstock-process.js';

const lines = ['windows_events.ndjson', 'cloudtrail.ndjson', 'zeek.ndjson', 'linux_auth.log'].flatMap((file) =>
  readFileSync(join(projectRoot, 'bench/data', file), 'utf8')
    .split('\n')
    .filter(Boolean)
    .slice(0, 200),
);
const hostile = [
  '{"source":{"port":"none"},"dns":{"answers":{"name":"x"}},"a":{"b":1},"a.b":2}',
  '{"event":{"id":"theirs","original":5},"@timestamp":"9999-12-31T23:59:59.999Z"}',
  '{"x":[1,{"y":[null,1.5,"\\u0000"]}],"":""}',
  `{"long":"${'y'.repeat(50_000)}"}`,
  '{"broken":',
  'no syslog at all',
];

async function valuesOf(t: TestContext, encoding: string): Promise<Buffer[]> {
  const penstock = await PenstockProcess.start({
    listen: ['http'],
    deliver: 'kafka://127.0.0.1:1/events',
    env: {
      PENSTOCK_WORKERS: '1',
      PENSTOCK_SHUTDOWN_TIMEOUT_MS: '1000',
      PENSTOCK_ENCODING: encoding,
      PENSTOCK_KEEP_ORIGINAL: 'always',
    },
  });
  t.after(() => penstock.dispose());
  for (const part of [lines.slice(0, 600), lines.slice(600), hostile]) {
    const url = `http://127.0.0.1:${penstock.ports[0]}/ingest`;
    const type = part[0]?.startsWith('{') ? 'application/x-ndjson' : 'text/plain';
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: part.join('\n') });
    assert.equal(answer.status, 200, await answer.text());
  }
  assert.equal(await penstock.stop(), 0, penstock.output);
  const records = journalRecords(join(penstock.directory, 'data'));
  assert.equal(records.length, lines.length + hostile.length);
  if (encoding === 'avro' || encoding === 'msgpack')
    for (const record of records) assert.equal(headerOf(record, 'encoding'), encoding);
  return records.map(({ value }) => value as Buffer);
}

test('avsc reads from the pipeline what protobufjs reads', async (t) => {
  const type = avroType(avroSchema);
  const [avro, protobuf] = [await valuesOf(t, 'avro'), await valuesOf(t, 'protobuf')];
  avro.forEach((value, i) => {
    const [ours, theirs] = [asEvent(type.fromBuffer(value)), readLogEvent(protobuf[i] as Buffer)];
    const { fields, attrs, original } = ours;
    assert.deepEqual(
      { fields, attrs, original },
      { fields: theirs.fields, attrs: theirs.attrs, original: theirs.original },
      `event ${i}`,
    );
    assert.equal(ours.timestampNs === ours.createdNs, theirs.timestampNs === theirs.createdNs, `event ${i}`);
    if (ours.timestampNs !== ours.createdNs) assert.equal(ours.timestampNs, theirs.timestampNs);
  });
});

test('@msgpack/msgpack reads from the pipeline what JSON.parse reads', async (t) => {
  const [msgpack, json] = [await valuesOf(t, 'msgpack'), await valuesOf(t, 'json')];
  msgpack.forEach((value, i) => {
    const [ours, theirs] = [shown(decode(value, { extensionCodec, useBigInt64: true })), JSON.parse(String(json[i]))];
    assert.deepEqual(withoutRun(ours), withoutRun(theirs), `event ${i}`);
  });
});

const extensionCodec = new ExtensionCodec();
extensionCodec.register({ type: -1, encode: () => null, decode: decodeTimestampToTimeSpec });

/** As JSON.parse shows it; times only as such, to be compared by `withoutRun`. */
function shown(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(value);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  const { sec, nsec } = value as { sec?: number; nsec?: number };
  if (typeof sec === 'number' && typeof nsec === 'number') return rfc3339(sec, nsec);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shown(inner)]));
}

function rfc3339(sec: number, nsec: number): string {
  const digits =
    nsec === 0
      ? ''
      : `.${String(nsec)
          .padStart(9, '0')
          .replace(/(000){1,2}$/, '')}`;
  return `${new Date(sec * 1000).toISOString().slice(0, 19)}${digits}Z`;
}

/** What differs from run to run. */
function withoutRun(event: unknown): unknown {
  const { event: about, ...rest } = event as { event: Record<string, unknown>; '@timestamp': string };
  const { id: _id, created, ...others } = about;
  const timestamp = rest['@timestamp'] === created ? 'created' : rest['@timestamp'];
  return { ...rest, '@timestamp': timestamp, event: others };
}
