import assert from 'node:assert';
import { test } from 'node:test';
import type { Api } from './api.js';
import { addOffsetsToTxn } from './apis/add-offsets-to-txn.js';
import { addPartitionsToTxn } from './apis/add-partitions-to-txn.js';
import { apiVersions } from './apis/api-versions.js';
import { createTopics } from './apis/create-topics.js';
import { describeConfigs } from './apis/describe-configs.js';
import { describeProducers } from './apis/describe-producers.js';
import { endTxn } from './apis/end-txn.js';
import { fetchRecords } from './apis/fetch.js';
import { findCoordinator } from './apis/find-coordinator.js';
import { initProducerId } from './apis/init-producer-id.js';
import { listOffsets } from './apis/list-offsets.js';
import { metadata } from './apis/metadata.js';
import { offsetFetch } from './apis/offset-fetch.js';
import { produce, produceInTransaction } from './apis/produce.js';
import { saslAuthenticate } from './apis/sasl-authenticate.js';
import { saslHandshake } from './apis/sasl-handshake.js';
import { txnOffsetCommit } from './apis/txn-offset-commit.js';
import { BufferReader } from './buffer-reader.js';
import { BufferWriter } from './buffer-writer.js';
import { encodeFrame } from './connection.js';
import { ResponseFrames } from './response-frames.js';

/** Compares a whole request frame with its bytes; spaces and the words in braces are for the reader. */
function requestIs<Q, S>(api: Api<Q, S>, version: number, request: Q, expected: string): void {
  const frame = Buffer.concat(encodeFrame(api, version, 0x01020304, 'me', request)).toString('hex');
  const body = expected.replace(/\{[^}]*\}|\s/g, '');
  const length = (body.length / 2).toString(16).padStart(8, '0');
  assert.strictEqual(frame, length + body);
}
function answerOf<Q, S>(api: Api<Q, S>, version: number, bytes: string): S {
  const reader = new BufferReader(Buffer.from(bytes.replace(/\{[^}]*\}|\s/g, ''), 'hex'));
  const answer = api.decode(reader, version);
  assert.strictEqual(reader.remaining <= 1, true, `${reader.remaining} bytes are left`);
  return answer;
}

test('ApiVersions v3: flexible request, answer without header tags', () => {
  const request = { softwareName: 'ab', softwareVersion: '1' };
  requestIs(apiVersions, 3, request, '0012 0003 01020304 0002 6d65 {tags} 00 {name} 03 6162 {version} 02 31 {tags} 00');
  const answer = answerOf(
    apiVersions,
    3,
    '0000 {2 keys} 03 0000 0003 000d 00 0003 0000 000d 00 {throttle} 00000000 00',
  );
  assert.deepStrictEqual(
    [...answer.ranges],
    [
      [0, [3, 13]],
      [3, [0, 13]],
    ].map(([k, r]) => [k, r]),
  );
});

test('ApiVersions: an old broker answers in the encoding of v0', () => {
  assert.strictEqual(apiVersions.decode(new BufferReader(Buffer.from('002300000000', 'hex')), 3).errorCode, 35);
});

test('Metadata v12', () => {
  const topicId = '00'.repeat(16);
  requestIs(
    metadata,
    12,
    { topics: ['t'] },
    `0003 000c 01020304 0002 6d65 00 {topics} 02 ${topicId} 02 74 00 {auto create} 00 {operations} 00 00`,
  );
  const answer = answerOf(
    metadata,
    12,
    `{throttle} 00000000 {brokers} 02 00000001 02 68 00002384 {rack} 00 00 {cluster} 02 63 {controller} 00000001
     {topics} 02 0000 02 74 ${'ab'.repeat(16)} 00
       {partitions} 02 0000 00000007 00000001 00000005 {replicas} 02 00000001 {isr} 02 00000001 {offline} 01 00
       {operations} 80000000 00
     00`,
  );
  assert.deepStrictEqual(answer, {
    brokers: [{ id: 1, host: 'h', port: 9092 }],
    controller: 1,
    topics: [
      {
        errorCode: 0,
        name: 't',
        id: 'ab'.repeat(16),
        partitions: [{ errorCode: 0, index: 7, leader: 1, leaderEpoch: 5 }],
      },
    ],
  });
});

test('Produce v9: two partitions of one topic, one of another', () => {
  const part = (topic: string, partition: number) => ({
    topic,
    partition,
    header: Buffer.of(0xaa),
    rest: Buffer.of(0xbb, 0xcc),
  });
  requestIs(
    produce,
    9,
    { timeoutMs: 1000, parts: [part('t', 1), part('t', 2), part('u', 3)] },
    `0000 0009 01020304 0002 6d65 00 {transactional id} 00 {acks} ffff {timeout} 000003e8
     {topics} 03
       02 74 {partitions} 03 00000001 {records} 04 aabbcc 00  00000002 04 aabbcc 00 {tags} 00
       02 75 {partitions} 02 00000003 04 aabbcc 00 {tags} 00
     00`,
  );
});

test('Produce: an answer with a record error and tagged fields', () => {
  const answer = answerOf(
    produce,
    10,
    `{topics} 02 02 74 {partitions} 02 00000001 000a ffffffffffffffff ffffffffffffffff 0000000000000000
       {record errors} 02 00000000 02 78 00 {message} 00 {tags: current leader} 01 00 09 0000000200000003 00
     00 {throttle} 00000005 00`,
  );
  assert.deepStrictEqual(answer, {
    answers: [{ topic: 't', partition: 1, errorCode: 10, errorMessage: 'x', baseOffset: -1n, badRecords: [0] }],
    throttleMs: 5,
  });
});

test('InitProducerId v4', () => {
  requestIs(initProducerId, 4, {}, '0016 0004 01020304 0002 6d65 00 00 00000000 ffffffffffffffff ffff 00');
  const answer = answerOf(initProducerId, 4, '00000000 0000 0000000000000400 0000 00');
  assert.deepStrictEqual(answer, { errorCode: 0, producerId: 1024n, epoch: 0 });
});

test('FindCoordinator v3 asks for one key, v4 for a list', () => {
  const request = { key: 'g', kind: 'transaction' } as const;
  requestIs(findCoordinator, 3, request, '000a 0003 01020304 0002 6d65 00 {key} 02 67 {kind} 01 00');
  requestIs(findCoordinator, 4, request, '000a 0004 01020304 0002 6d65 00 {kind} 01 {keys} 02 02 67 00');
  const node = '00000001 02 68 00002384';
  const expected = { errorCode: 15, errorMessage: 'x', id: 1, host: 'h', port: 9092 };
  assert.deepStrictEqual(answerOf(findCoordinator, 3, `00000000 000f 02 78 ${node} 00`), expected);
  assert.deepStrictEqual(answerOf(findCoordinator, 4, `00000000 02 02 67 ${node} 000f 02 78 00 00`), expected);
});

test('what Kafka 2.8 speaks is enough: it has no later version of these', () => {
  const newest = new Map<Api<never, unknown>, number>([
    [produce, 9],
    [produceInTransaction, 9],
    [fetchRecords, 12],
    [listOffsets, 6],
    [metadata, 11],
    [offsetFetch, 7],
    [findCoordinator, 3],
    [apiVersions, 3],
    [createTopics, 7],
    [initProducerId, 4],
    [addPartitionsToTxn, 3],
    [addOffsetsToTxn, 3],
    [endTxn, 3],
    [txnOffsetCommit, 3],
    [describeConfigs, 4],
    [saslHandshake, 1],
    [saslAuthenticate, 2],
    [describeProducers, 0],
  ]);
  for (const [{ name, versions }, version] of newest) assert.ok(versions[0] <= version, name);
});

test('DescribeProducers v0', () => {
  requestIs(
    describeProducers,
    0,
    { topic: 't', partition: 2 },
    '003d 0000 01020304 0002 6d65 00 02 02 74 02 00000002 00 00',
  );
  const answer = answerOf(
    describeProducers,
    0,
    `00000000 02 02 74 02 00000002 0000 00
       02 0000000000000400 00000000 7fffffff 0000000000000001 ffffffff ffffffffffffffff 00
     00 00 00`,
  );
  assert.deepStrictEqual(answer.producers, [{ producerId: 1024n, epoch: 0, lastSequence: 2_147_483_647 }]);
});

test('CreateTopics v7', () => {
  requestIs(
    createTopics,
    7,
    { topic: 't', partitions: 6, replication: 3, configs: [['a', 'b']], timeoutMs: 1 },
    '0013 0007 01020304 0002 6d65 00 02 02 74 00000006 0003 {assignments} 01 02 0261 0262 00 00 00000001 00 00',
  );
  const reader = new BufferReader(Buffer.from(`000000000202 74${'00'.repeat(16)}002400`.replaceAll(' ', ''), 'hex'));
  assert.deepStrictEqual(createTopics.decode(reader, 7), { errorCode: 36, errorMessage: null });
});

test('SASL: the handshake is not flexible, the messages are', () => {
  requestIs(saslHandshake, 1, { mechanism: 'PLAIN' }, '0011 0001 01020304 0002 6d65 0005 504c41494e');
  assert.deepStrictEqual(answerOf(saslHandshake, 1, '0021 00000001 0005 504c41494e').mechanisms, ['PLAIN']);
  requestIs(saslAuthenticate, 2, { bytes: Buffer.from('ab') }, '0024 0002 01020304 0002 6d65 00 03 6162 00');
  const answer = answerOf(saslAuthenticate, 2, '003a 02 78 01 0000000000000000 00');
  assert.deepStrictEqual([answer.errorCode, answer.errorMessage, answer.bytes.length], [58, 'x', 0]);
});

test('every answer cut short anywhere is a protocol error, never more', () => {
  const whole = Buffer.from('0000000003047465737400002384000000000000000000'.repeat(8), 'hex');
  for (const api of [apiVersions, metadata, produce, describeProducers, createTopics, saslAuthenticate])
    for (let length = 0; length < whole.length; length++)
      try {
        api.decode(new BufferReader(whole.subarray(0, length)), api.versions[1]);
      } catch (error) {
        assert.strictEqual((error as Error).name, 'ProtocolError', api.name);
      }
});

test('an array may not claim more elements than there are bytes', () => {
  const huge = Buffer.from('7fffffff00', 'hex');
  assert.throws(() => new BufferReader(huge).array(() => 0), /claims 2147483647 elements/);
  assert.throws(() => new BufferReader(Buffer.from('ffffffff0f', 'hex')).compactArray(() => 0), /claims/);
  assert.throws(() => new BufferReader(Buffer.from('ffffffffff01', 'hex')).uvarint(), /longer than 32 bits/);
});

test('the writer keeps its bytes when it grows, around external ones', () => {
  const writer = new BufferWriter(4);
  writer.int32(1).bytes(Buffer.alloc(10, 2)).external(Buffer.from('ext')).int16(3).bytes(Buffer.alloc(40, 4));
  const expected = `00000001${'02'.repeat(10)}6578740003${'04'.repeat(40)}`;
  assert.strictEqual(writer.length, expected.length / 2);
  assert.strictEqual(Buffer.concat(writer.finish()).toString('hex'), expected);
});

test('responses come out whole at every chunk size; a huge one is refused before it is stored', () => {
  const stream = Buffer.from('00000005 0102030405 00000004 0a0b0c0d 00000006 111213141516'.replaceAll(' ', ''), 'hex');
  for (let size = 1; size <= stream.length; size++) {
    const seen: string[] = [];
    const frames = new ResponseFrames(100, (response) => seen.push(response.toString('hex')));
    for (let at = 0; at < stream.length; at += size) frames.push(stream.subarray(at, at + size));
    assert.deepStrictEqual(seen, ['0102030405', '0a0b0c0d', '111213141516']);
  }
  const frames = new ResponseFrames(100, () => assert.fail('nothing is whole'));
  assert.throws(() => frames.push(Buffer.from('00000065', 'hex')), /101 bytes is announced/);
  assert.throws(() => new ResponseFrames(100, () => {}).push(Buffer.from('ffffffff', 'hex')), /announced/);
});
