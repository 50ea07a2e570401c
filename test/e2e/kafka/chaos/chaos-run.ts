import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type KafkaAdmin, openAdmin } from '../../../../adapters/sinks/kafka/admin.js';
import { PenstockProcess, sumMetric } from '../../../support/penstock-process.js';
import { Random } from '../../../support/random.js';
import { readSequences } from '../../../support/topic-reader.js';
import { type KafkaCluster, type KafkaNode, user } from '../broker.js';
import { ChaosLoad } from './load.js';
import type { Scenario } from './scenarios.js';

export interface ChaosSettings {
  readonly cluster: KafkaCluster;
  readonly seed: number;
  /** How long harm lasts where the scenario does not say, and at most. */
  readonly holdMsMax: number;
  readonly say: (line: string) => void;
}

const partitions = 3;
const patienceMs = 120_000;

/** One scenario: the real program under load while the cluster is harmed; afterwards every event is looked for in the topic. */
export async function runScenario(scenario: Scenario, settings: ChaosSettings): Promise<void> {
  const chaos = await Chaos.begin(scenario, settings);
  try {
    await chaos.timed('load', () => chaos.untilDelivering());
    await chaos.timed('harm', () => scenario.run(chaos));
    await chaos.timed('recovery', () => chaos.untilDelivering());
    await chaos.timed('proof', () => chaos.verify());
  } catch (error) {
    const output = chaos.penstock.output.slice(-4000);
    throw new Error(`${scenario.name}: ${error instanceof Error ? error.message : error}\n${output}`, { cause: error });
  } finally {
    await chaos.end();
  }
}

export class Chaos {
  readonly random: Random;
  readonly admin: KafkaAdmin;
  readonly cluster: KafkaCluster;
  readonly say: (line: string) => void;
  /** Numbers that were refused for ever. */
  readonly #refused: number[] = [];
  /** Events that went with an earlier topic of the name. */
  #gone = 0;

  static async begin({ name, transactions }: Scenario, settings: ChaosSettings): Promise<Chaos> {
    const topic = `chaos-${name}-${settings.seed}`;
    const admin = openAdmin({ brokers: settings.cluster.bootstrap().split(',') });
    await createTopic(admin, topic);
    const sasl = `sasl_mechanism=SCRAM-SHA-512&username=${user.name}`;
    const waits = 'request_timeout_ms=4000&retry_backoff_max_ms=1000';
    const more = transactions ? '&transactions=true&transaction_interval_ms=20' : '';
    const penstock = await PenstockProcess.start({
      listen: ['http', 'syslog+tcp'],
      deliver: `kafka://${settings.cluster.bootstrap('sasl')}/${topic}?${sasl}&${waits}${more}`,
      env: { PENSTOCK_KAFKA_PASSWORD: user.password },
    });
    return new Chaos(topic, settings, admin, penstock);
  }

  readonly load: ChaosLoad;
  readonly #tcpListener: string;
  private constructor(
    readonly topic: string,
    private readonly settings: ChaosSettings,
    admin: KafkaAdmin,
    readonly penstock: PenstockProcess,
  ) {
    this.admin = admin;
    this.cluster = settings.cluster;
    this.say = settings.say;
    this.random = new Random(settings.seed);
    const [http = 0, tcp = 0] = penstock.ports;
    this.#tcpListener = `syslog+tcp://127.0.0.1:${tcp}`;
    this.load = new ChaosLoad(http, tcp, new Random(settings.seed + 1));
    this.load.start();
  }

  async timed(what: string, work: () => Promise<void>): Promise<void> {
    const begun = Date.now();
    await work();
    this.say(`  ${what}: ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  }
  randomNode(): KafkaNode {
    return this.cluster.nodes[this.random.between(0, this.cluster.nodes.length - 1)]!;
  }
  nodeOf(id: number): KafkaNode {
    const node = this.cluster.nodes.find((one) => one.id === id);
    assert.ok(node, `there is no node ${id}`);
    return node;
  }
  holdMs(wantedMs = Number.POSITIVE_INFINITY): number {
    return Math.min(wantedMs, this.settings.holdMsMax);
  }
  hold(wantedMs?: number): Promise<void> {
    return delay(this.holdMs(wantedMs));
  }
  createTopic(): Promise<void> {
    return createTopic(this.admin, this.topic);
  }

  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error(`${what}: not within ${patienceMs / 1000} s; ${await this.#health()}`);
      await delay(50);
    }
  }
  /** Events that are new now are delivered. */
  async untilDelivering(): Promise<void> {
    const goal = (await this.#delivered()) + 200;
    await this.until('events are delivered', async () => (await this.#delivered()) >= goal);
  }
  /** Penstock says so in its log. */
  untilLogged(code: string): Promise<void> {
    return this.until(`the log says ${code}`, async () => this.penstock.output.includes(`"code":"${code}"`));
  }
  untilUnready(): Promise<void> {
    return this.until('the sink is not ready', async () => (await this.penstock.metric('penstock_sink_ready')) === 0);
  }
  /** What was delivered up to now went with its topic. */
  async forgiveDelivered(): Promise<void> {
    this.#gone = await this.#delivered();
  }
  async expectRefused(number: number): Promise<void> {
    this.#refused.push(number);
    const dead = () => this.penstock.metric('penstock_sink_dead_lettered_events_total');
    await this.until('it is a dead letter', async () => (await dead()) === this.#refused.length);
  }

  /** Stops the load, waits until everything is delivered, and compares what was promised with what the topic holds. */
  async verify(): Promise<void> {
    const { load, penstock } = this;
    await load.stop();
    await this.until('the journal is delivered', async () => {
      const text = await penstock.metrics();
      // Counted when committed: what TCP sent last may be on its way there while everything before it is delivered.
      const streamed = sumMetric(text, 'penstock_events_received_total', { listener: this.#tcpListener });
      const received = sumMetric(text, 'penstock_events_received_total');
      const delivered = sumMetric(text, 'penstock_events_delivered_total') + this.#refused.length;
      return streamed === load.streamed && received === delivered;
    });
    assert.equal(await penstock.metric('penstock_unaccounted_events'), 0);
    assert.equal(await penstock.metric('penstock_sink_possible_duplicates_total'), 0);
    assert.equal(penstock.child.exitCode, null, 'Penstock was never restarted');
    const { seen } = await readSequences(this.cluster.bootstrap(), this.topic, load.next);
    const missing = [...load.promised].filter((n) => seen[n] === 0 && !this.#refused.includes(n));
    const repeated = seen.reduce((sum, times) => sum + (times > 1 ? 1 : 0), 0);
    const found = {
      missing: missing.length,
      repeated,
      refusedYetThere: this.#refused.filter((n) => seen[n] !== 0).length,
    };
    assert.deepEqual(found, { missing: this.#gone, repeated: 0, refusedYetThere: 0 }, `first missing: ${missing[0]}`);
    assert.equal(await penstock.stop(), 0, penstock.output);
    this.say(
      `  ${load.promised.size} events promised, ${this.#gone} went with a deleted topic, ${this.#refused.length} refused`,
    );
  }
  async end(): Promise<void> {
    this.load.abort();
    await this.admin.close().catch(() => {});
    await this.penstock.dispose();
  }

  #delivered(): Promise<number> {
    return this.penstock.metric('penstock_events_delivered_total');
  }
  async #health(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.penstock.adminPort}/health/ready`)).text();
  }
}

async function createTopic(admin: KafkaAdmin, topic: string): Promise<void> {
  await admin.createTopic(topic, { partitions, replication: 3, configs: { 'min.insync.replicas': '2' } });
}
