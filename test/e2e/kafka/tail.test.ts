import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import kafkajs from 'kafkajs';
import { runTail } from '../../../engine/cli/tail.js';
import { KafkaCluster } from './broker.js';
import { createTopic, until } from './sink-kit.js';

let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start();
});
after(() => cluster?.stop());

async function produce(topic: string, from: number, to: number): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: cluster.bootstrap().split(','), logLevel: kafkajs.logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let i = from; i < to; i++) {
    const timestamp = String(1_700_000_000_000 + i);
    await producer.send({
      topic,
      messages: [{ partition: i % 3, value: JSON.stringify({ message: `event ${i}` }), timestamp }],
    });
  }
  await producer.disconnect();
}

test('tail prints the last events of a topic over all partitions, then what comes', { timeout: 900_000 }, async () => {
  const topic = 'tail-test';
  await createTopic(cluster.bootstrap(), topic, 3);
  await produce(topic, 0, 20);
  const from = `kafka://${cluster.bootstrap()}/${topic}`;
  const messages = (text: string) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).message);

  const once = collect();
  assert.equal(await runTail(['--from', from, '--lines', '5', '--no-follow'], undefined, once.output), 0);
  assert.deepEqual(
    messages(once.text()),
    [15, 16, 17, 18, 19].map((i) => `event ${i}`),
  );

  const following = collect();
  const stop = new AbortController();
  const done = runTail(['--from', from, '--lines', '2'], stop.signal, following.output);
  await until('the last two', () => messages(following.text()).length === 2);
  await produce(topic, 20, 23);
  await until('three more', () => messages(following.text()).length >= 5);
  stop.abort();
  assert.equal(await done, 0);
  assert.deepEqual(
    messages(following.text()).sort(),
    [18, 19, 20, 21, 22].map((i) => `event ${i}`),
  );
});

test('a topic that is not there is said', { timeout: 900_000 }, async () => {
  assert.equal(await runTail(['--from', `kafka://${cluster.bootstrap()}/nowhere`, '--no-follow']), 1);
});

function collect(): { output: PassThrough; text: () => string } {
  const output = new PassThrough();
  let text = '';
  output.on('data', (chunk) => (text += chunk));
  return { output, text: () => text };
}
