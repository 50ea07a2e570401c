import assert from 'node:assert';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { KafkaCluster } from './broker.js';
import { createTopic, expectEachOnce, makeSink, makeStateDir, NumberedBatches, until } from './sink-kit.js';

/** Passes bytes on to a broker; while `flaky`, cuts each connection after a random number of bytes, in either direction. */
class FlakyProxy {
  flaky = false;
  cuts = 0;
  target = 0;
  readonly #server: Server = createServer((client) => this.#serve(client));
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = mulberry32(seed);
  }
  listen(): Promise<number> {
    return new Promise((resolve) =>
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as { port: number }).port)),
    );
  }
  close(): void {
    this.#server.close();
  }
  #serve(client: Socket): void {
    const broker = connect({ host: '127.0.0.1', port: this.target, noDelay: true });
    client.setNoDelay(true);
    // Towards the broker batches pass, backwards small answers: cutting there loses answers to what is stored.
    this.#pass(client, broker, 400_000);
    this.#pass(broker, client, 1500);
  }
  #pass(from: Socket, to: Socket, cutBytesMax: number): void {
    let left = Math.floor(this.#random() * cutBytesMax) + 200;
    from.on('error', () => to.destroy()).on('close', () => to.destroy());
    from.on('data', (bytes: Buffer) => {
      left -= bytes.length;
      if (this.flaky && left < 0) {
        this.cuts++;
        // What was cut off in the middle arrived in part.
        to.write(bytes.subarray(0, Math.floor(bytes.length * this.#random())), () => to.destroy());
        from.destroy();
      } else to.write(bytes);
    });
  }
}

let cluster: KafkaCluster;
const proxy = new FlakyProxy(42);
before(async () => {
  const port = await proxy.listen();
  cluster = await KafkaCluster.start({ properties: { 'advertised.listeners': `PLAIN://127.0.0.1:${port}` } });
  proxy.target = cluster.nodes[0]!.ports.get('plain')!;
});
after(async () => {
  proxy.close();
  await cluster?.stop();
});

test('connections cut again and again, in requests and in answers: exactly once', async () => {
  await createTopic(cluster.bootstrap(), 'flaky', 3);
  const sink = makeSink(cluster.bootstrap(), 'flaky', { retry_backoff_max_ms: 50 });
  await sink.start();
  proxy.flaky = true;
  const journal = new NumberedBatches();
  await Promise.all(journal.make(1500, 10, 3, undefined, 'x'.repeat(800)).map((batch) => sink.deliver(batch)));
  proxy.flaky = false;
  await sink.stop(1000);
  assert.ok(proxy.cuts > 20, `only ${proxy.cuts} cuts`);
  await expectEachOnce(cluster.bootstrap(), 'flaky', journal.next);
});

test('the same with the sink ended again and again: exactly once', async () => {
  await createTopic(cluster.bootstrap(), 'flaky-runs', 3);
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  const batches = journal.make(600, 10, 3, undefined, 'x'.repeat(800));
  // Two lanes, handed over in turn.
  const lanes = batches.map((batch, i) => ({ ...batch, position: { ...batch.position, lane: i % 2 } }));
  const done = new Set<number>();
  proxy.flaky = true;
  for (let run = 0; done.size < lanes.length; run++) {
    assert.ok(run < lanes.length, 'the runs make progress');
    const sink = makeSink(cluster.bootstrap(), 'flaky-runs', { retry_backoff_max_ms: 50 }, stateDir);
    await sink.start();
    const cursors = [0, 1].map((lane) => lanes.findIndex((_, i) => i % 2 === lane && !done.has(i)));
    const again = lanes.flatMap((batch, i) => (cursors[i % 2]! >= 0 && i >= cursors[i % 2]! ? [{ batch, i }] : []));
    // In some runs one lane comes late.
    if (run % 3 === 2) again.sort((a, b) => (b.i % 2) - (a.i % 2) || a.i - b.i);
    const work = again.map(({ batch, i }) =>
      sink.deliver(batch).then(
        () => done.add(i),
        () => {},
      ),
    );
    const before = done.size;
    await new Promise((resolve) => setTimeout(resolve, 20 + ((run * 37) % 200)));
    await until('some progress', () => done.size > before);
    await sink.stop(0);
    await Promise.all(work);
  }
  proxy.flaky = false;
  // Two lanes have no order between them.
  await expectEachOnce(cluster.bootstrap(), 'flaky-runs', journal.next, false);
});

/** A small seeded generator, so that a failure can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
