import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaNode } from '../broker.js';
import { user } from '../broker.js';
import type { Chaos } from './chaos-run.js';
import { setPassword } from './cluster.js';

export interface Scenario {
  readonly name: string;
  /** Part of `npm test`. */
  readonly short: boolean;
  /** Delivery in transactions; consumers then read only what is committed. */
  readonly transactions?: boolean;
  /** Does the harm and mends it; the load runs all the while. */
  run(chaos: Chaos): Promise<void>;
}

const each = async (nodes: readonly KafkaNode[], work: (node: KafkaNode) => Promise<void>) => {
  for (const node of nodes) await work(node);
};

/** The node dies with a transaction open: while it answers nothing, none can end. */
const killInTransaction = async (chaos: Chaos, node: KafkaNode) => {
  const ended = () => chaos.penstock.metric('penstock_sink_transactions_total');
  node.pause();
  let before = -1;
  await chaos.until('a transaction cannot end', async () => {
    const last = before;
    before = await ended();
    await delay(500);
    return before > 0 && before === last;
  });
  await node.kill();
  await chaos.hold();
  await node.start();
};

export const scenarios: readonly Scenario[] = [
  {
    name: 'leader-killed',
    short: true,
    async run(chaos) {
      const node = chaos.randomNode();
      await node.kill();
      await chaos.hold();
      await node.start();
    },
  },
  {
    name: 'rolling-restart',
    short: false,
    async run(chaos) {
      await each(chaos.cluster.nodes, async (node) => {
        await node.stop();
        await delay(500);
        await node.start();
        await chaos.untilDelivering();
      });
    },
  },
  {
    name: 'all-brokers-down',
    short: true,
    async run(chaos) {
      await Promise.all(chaos.cluster.nodes.map((node) => node.kill()));
      await chaos.hold(60_000);
      await Promise.all(chaos.cluster.nodes.map((node) => node.start()));
    },
  },
  {
    name: 'topic-recreated',
    short: true,
    async run(chaos) {
      await chaos.admin.deleteTopic(chaos.topic);
      await chaos.untilLogged('UNKNOWN_TOPIC_OR_PARTITION');
      await chaos.untilUnready(); // nobody acknowledges for the old topic any more
      await chaos.hold();
      await chaos.forgiveDelivered();
      await chaos.createTopic();
    },
  },
  {
    name: 'rights-revoked',
    short: true,
    async run(chaos) {
      const deny = { topic: chaos.topic, principal: `User:${user.name}`, operation: 'write' } as const;
      await chaos.admin.denyAccess(deny);
      await chaos.untilLogged('TOPIC_AUTHORIZATION_FAILED');
      await chaos.untilUnready();
      await chaos.hold();
      await chaos.admin.allowAccess(deny);
    },
  },
  {
    name: 'credentials-revoked',
    short: false,
    async run(chaos) {
      await setPassword(chaos.cluster, 'another-secret');
      await chaos.untilLogged('SASL_AUTHENTICATION_FAILED');
      await chaos.hold();
      await setPassword(chaos.cluster, user.password);
    },
  },
  {
    name: 'size-limit-lowered',
    short: true,
    async run(chaos) {
      const limits = { 'min.insync.replicas': '2', 'max.message.bytes': '6000' };
      await chaos.admin.configureTopic(chaos.topic, limits);
      const split = () => chaos.penstock.metric('penstock_sink_split_batches_total');
      await chaos.until('batches are split', async () => (await split()) > 0);
      const giant = await chaos.load.postOne(20_000);
      await chaos.expectRefused(giant);
      await chaos.hold();
      await chaos.admin.configureTopic(chaos.topic, { 'min.insync.replicas': '2' });
    },
  },
  {
    name: 'network-paused',
    short: true,
    async run(chaos) {
      const node = chaos.randomNode();
      node.pause();
      await delay(8000); // longer than the request timeout and than an election
      node.resume();
    },
  },
  {
    name: 'slow-broker',
    short: false,
    async run(chaos) {
      const node = chaos.randomNode();
      const until = Date.now() + chaos.holdMs();
      while (Date.now() < until) {
        node.pause();
        await delay(chaos.random.between(100, 400));
        node.resume();
        await delay(chaos.random.between(20, 100));
      }
    },
  },
  {
    name: 'transaction-leader-killed',
    short: false,
    transactions: true,
    async run(chaos) {
      const [leader = -1] = await chaos.admin.leaders(chaos.topic);
      await killInTransaction(chaos, chaos.nodeOf(leader));
    },
  },
  {
    name: 'transaction-coordinator-killed',
    short: true,
    transactions: true,
    async run(chaos) {
      const [coordinator = -1] = await chaos.admin.leaders('__transaction_state');
      await killInTransaction(chaos, chaos.nodeOf(coordinator));
    },
  },
  {
    name: 'transaction-coordinators-moved',
    short: true,
    transactions: true,
    async run(chaos) {
      const all = chaos.cluster.nodes.map(({ id }) => id);
      for (const topic of ['__transaction_state', '__consumer_offsets']) {
        const [before = -1] = await chaos.admin.leaders(topic);
        const others = all.filter((id) => id !== before);
        await chaos.admin.assignReplicas(topic, others);
        const leader = async () => (await chaos.admin.leaders(topic))[0] ?? -1;
        await chaos.until(`${topic} is led by another`, async () => others.includes(await leader()));
        await chaos.untilDelivering();
        await chaos.admin.assignReplicas(topic, [...others, before]);
      }
      await chaos.hold();
    },
  },
  {
    name: 'transaction-expired',
    short: false,
    transactions: true,
    async run(chaos) {
      await Promise.all(chaos.cluster.nodes.map((node) => node.kill()));
      await chaos.hold(70_000); // the coordinator gives a transaction up after 60 s
      await Promise.all(chaos.cluster.nodes.map((node) => node.start()));
    },
  },
  {
    name: 'everything-in-transactions',
    short: false,
    transactions: true,
    run: (chaos) => anyHarm(chaos),
  },
  {
    name: 'everything',
    short: false,
    run: (chaos) => anyHarm(chaos),
  },
];

async function anyHarm(chaos: Chaos): Promise<void> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const node = chaos.randomNode();
    const harm = chaos.random.pick(['kill', 'stop', 'pause']);
    chaos.say(`  ${harm} ${node.id}`);
    if (harm === 'pause') node.pause();
    else await (harm === 'kill' ? node.kill() : node.stop());
    await delay(chaos.random.between(200, 6000));
    if (harm === 'pause') node.resume();
    else await node.start();
    await delay(chaos.random.between(0, 4000));
  }
}

/** Scenarios by name; asserts that they exist. */
export function scenariosNamed(names: readonly string[]): readonly Scenario[] {
  return names.map((name) => {
    const scenario = scenarios.find((one) => one.name === name);
    assert.ok(scenario, `no scenario '${name}': ${scenarios.map((one) => one.name).join(', ')}`);
    return scenario;
  });
}
