/**
 * Requests with an Idempotency-Key through kill -9: whatever had been answered or not is sent again with its key, and each event
 * is there once.
 */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { PenstockProcess } from '../support/penstock-process.js';
import { freePorts } from '../support/ports.js';
import { Random } from '../support/random.js';
import { KeyCounts, keyText } from './event-keys.js';
import { padding } from './padding.js';
import { storeTarget } from './store-target.js';

const cycles = 5;
const clients = 6;

interface Post {
  readonly key: string;
  readonly stream: number;
  readonly from: number;
  readonly events: number;
  answered: boolean;
}

function bodyOf({ stream, from, events }: Post): string {
  let body = '';
  for (let n = from; n < from + events; n++) body += `{"message":"${keyText(stream, n)} ${padding(n, 200)}"}\n`;
  return body;
}

/** Status, events accepted, and whether it had been stored before; null: no answer. */
function send(agent: Agent, port: number, post: Post) {
  const body = bodyOf(post);
  const headers = {
    'content-type': 'application/x-ndjson',
    'idempotency-key': post.key,
    'content-length': body.length,
  };
  return new Promise<{ status: number; accepted: number; replayed: boolean } | null>((resolve) => {
    const options = { agent, host: '127.0.0.1', port, path: '/ingest', method: 'POST', headers };
    const sent = request(options, (response) => {
      let text = '';
      response.on('data', (part) => (text += part));
      response.on('error', () => resolve(null));
      response.on('end', () => {
        if (!response.complete) return resolve(null);
        const { accepted } = JSON.parse(text) as { accepted: number };
        resolve({ status: response.statusCode ?? 0, accepted, replayed: 'idempotency-replayed' in response.headers });
      });
    });
    sent.on('error', () => resolve(null));
    sent.end(body);
  });
}

test('each request is stored once, however often it is sent and the process is killed', {
  timeout: 900_000,
}, async (t) => {
  const seed = Number(process.env.PENSTOCK_TEST_SEED ?? 4);
  const random = new Random(seed);
  t.diagnostic(`seed ${seed}`);
  const ports = await freePorts(1);
  const posts: Post[] = [];
  const next = new Array<number>(clients).fill(0);
  let replayed = 0;
  let resumed = 0;
  let running = await PenstockProcess.start({ listen: ['http'], ports, env: { PENSTOCK_WORKERS: '2' } });
  const { directory } = running;
  try {
    for (let cycle = 0; cycle < cycles; cycle++) {
      let stopped = false;
      const load = Array.from({ length: clients }, async (_, stream) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        while (!stopped) {
          const events = random.pick([1, 5, 50, 500, 5000]);
          const post: Post = { key: `${stream}/${next[stream]}`, stream, from: next[stream]!, events, answered: false };
          next[stream]! += events;
          posts.push(post);
          const answer = await send(agent, ports[0]!, post);
          post.answered = answer?.status === 200;
          if (!post.answered) await delay(5);
        }
        agent.destroy();
      });
      await delay(random.between(300, 1200));
      const killed = running.kill9();
      await delay(20);
      stopped = true;
      await Promise.all([killed, ...load]);
      running = await PenstockProcess.start({ listen: ['http'], ports, directory, env: { PENSTOCK_WORKERS: '2' } });
      const agent = new Agent({ keepAlive: true, maxSockets: 8 });
      const again = posts.filter((post) => !post.answered || random.between(0, 9) === 0);
      await Promise.all(
        again.map(async (post) => {
          while (running.child.exitCode === null && running.child.signalCode === null) {
            const answer = await send(agent, ports[0]!, post);
            if (answer?.status !== 200) {
              assert.ok(answer === null || answer.status === 429 || answer.status === 503, `status ${answer?.status}`);
              if (answer !== null && answer.accepted > 0) resumed++;
              await delay(50);
              continue;
            }
            assert.equal(answer.accepted, post.events);
            assert.ok(answer.replayed || !post.answered, 'an answered request is known');
            if (answer.replayed) replayed++;
            post.answered = true;
            return;
          }
        }),
      );
      agent.destroy();
    }
    assert.equal(await running.stop(), 0);
    const seen = new KeyCounts();
    await storeTarget.read(directory, seen);
    const events = posts.reduce((sum, post) => sum + post.events, 0);
    t.diagnostic(`${posts.length} requests, ${events} events, ${replayed} answered again, ${resumed} resumed`);
    for (const { stream, from, events: count, key } of posts)
      for (let n = from; n < from + count; n++)
        assert.equal(
          seen.of(stream, n),
          1,
          `event ${stream}.${n} of request ${key} is there ${seen.of(stream, n)} times`,
        );
    assert.equal(seen.total, events);
    assert.ok(replayed > 0);
  } finally {
    await running.dispose();
  }
});
