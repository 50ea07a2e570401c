/**
 * A real Apache Kafka for tests: one KRaft node or several, on free loopback ports, in a directory of its own. The first use fetches
 * the jars with Maven. Every node: about 3 s to start and 300 MB.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../support/ports.js';
import { type Certificates, makeCertificates } from './certificates.js';
import { kafkaJars } from './jars.js';

export type ListenerName = 'plain' | 'sasl' | 'tls' | 'sasltls';
export const user = { name: 'alice', password: 'alice-secret' } as const;

export interface ClusterOptions {
  readonly nodes?: number;
  /** Besides 'plain', which is always there. 'tls' asks for a client certificate but takes connections without. */
  readonly listeners?: readonly Exclude<ListenerName, 'plain'>[];
  /** More lines of server.properties. */
  readonly properties?: Readonly<Record<string, string>>;
}

const protocols: Record<ListenerName, string> = {
  plain: 'PLAINTEXT',
  sasl: 'SASL_PLAINTEXT',
  tls: 'SSL',
  sasltls: 'SASL_SSL',
};
/** One takes 3 s alone; three at once on a busy machine a minute. */
const startTimeoutMs = 300_000;
const javaFlags = ['-Xms96m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

export class KafkaCluster {
  readonly nodes: readonly KafkaNode[];
  readonly directory: string;
  readonly certificates: Certificates | null;

  /** Formats and starts; resolves when every node accepts connections. */
  static async start(options: ClusterOptions = {}): Promise<KafkaCluster> {
    const cluster = new KafkaCluster(options, await freePorts((options.nodes ?? 1) * 5));
    try {
      await Promise.all(cluster.nodes.map((node) => node.start()));
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  private constructor(options: ClusterOptions, ports: readonly number[]) {
    const jars = kafkaJars();
    this.directory = mkdtempSync(join(tmpdir(), 'penstock-kafka-'));
    const listeners: ListenerName[] = ['plain', ...(options.listeners ?? [])];
    this.certificates = listeners.some((name) => name.endsWith('tls')) ? makeCertificates(this.directory) : null;
    const count = options.nodes ?? 1;
    const voters = Array.from({ length: count }, (_, i) => `${i + 1}@127.0.0.1:${ports[i * 5]}`).join(',');
    this.nodes = Array.from({ length: count }, (_, i) => {
      const own = new Map(listeners.map((name, at) => [name, ports[i * 5 + 1 + at]!]));
      const directory = join(this.directory, `node-${i + 1}`);
      mkdirSync(directory);
      const text = serverProperties(
        i + 1,
        voters,
        ports[i * 5]!,
        own,
        directory,
        this.certificates,
        count,
        options.properties,
      );
      return new KafkaNode(i + 1, jars, directory, text, own);
    });
  }

  /** 'host:port,…' of one kind of listener. */
  bootstrap(listener: ListenerName = 'plain'): string {
    return this.nodes.map((node) => `127.0.0.1:${node.ports.get(listener)}`).join(',');
  }
  /** Kills every node and deletes everything. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export class KafkaNode {
  readonly id: number;
  readonly ports: ReadonlyMap<ListenerName, number>;
  readonly #jars: string;
  readonly #directory: string;
  #process: ChildProcess | null = null;

  constructor(
    id: number,
    jars: string,
    directory: string,
    properties: string,
    ports: ReadonlyMap<ListenerName, number>,
  ) {
    this.id = id;
    this.ports = ports;
    this.#jars = jars;
    this.#directory = directory;
    writeFileSync(join(directory, 'server.properties'), properties);
    const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${user.name},password=${user.password}]`,
    ]);
    const cluster = 'MkU3OEVBNTcwNTJENDM2Qg';
    const args = [
      'kafka.tools.StorageTool',
      'format',
      '-t',
      cluster,
      '-c',
      join(directory, 'server.properties'),
      ...scram,
    ];
    execFileSync('java', ['-cp', `${jars}/*`, ...javaFlags, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** Starts or starts again with the same data. */
  async start(): Promise<void> {
    const output = openSync(join(this.#directory, 'output.txt'), 'a');
    const child = spawn(
      'java',
      ['-cp', `${this.#jars}/*`, ...javaFlags, 'kafka.Kafka', join(this.#directory, 'server.properties')],
      { stdio: ['ignore', output, output] },
    );
    this.#process = child;
    const killWithUs = () => child.kill('SIGKILL');
    process.once('exit', killWithUs);
    child.once('exit', () => process.off('exit', killWithUs));
    for (const port of this.ports.values()) await reachable(port, child, join(this.#directory, 'output.txt'));
  }
  /** Of the running process; −1: none. */
  get pid(): number {
    return this.#process?.pid ?? -1;
  }
  /** Whatever state it is in, it runs afterwards. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }
  /** SIGKILL: nothing is written any more. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }
  /** SIGTERM: leaderships are handed over. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }
  /** SIGSTOP: alive, but answers nothing. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }
  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    child.kill(signal);
    await exited;
  }
}

function serverProperties(
  id: number,
  voters: string,
  controllerPort: number,
  ports: ReadonlyMap<ListenerName, number>,
  directory: string,
  certificates: Certificates | null,
  nodes: number,
  extra: Readonly<Record<string, string>> = {},
): string {
  const replication = String(Math.min(nodes, 3));
  const listeners = [...ports].map(([name, port]) => `${name.toUpperCase()}://127.0.0.1:${port}`);
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    'controller.quorum.voters': voters,
    'controller.listener.names': 'CONTROLLER',
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${controllerPort}`].join(','),
    'advertised.listeners': listeners.join(','),
    'inter.broker.listener.name': 'PLAIN',
    'listener.security.protocol.map': [
      'CONTROLLER:PLAINTEXT',
      ...[...ports.keys()].map((name) => `${name.toUpperCase()}:${protocols[name]}`),
    ].join(','),
    'log.dirs': join(directory, 'data'),
    'auto.create.topics.enable': 'false',
    'num.network.threads': '2',
    'num.io.threads': '4',
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'group.initial.rebalance.delay.ms': '0',
    'offsets.topic.replication.factor': replication,
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': replication,
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'controlled.shutdown.enable': 'true',
    'log.cleaner.dedupe.buffer.size': '4000000',
  };
  for (const name of ['sasl', 'sasltls'] as const) {
    if (!ports.has(name)) continue;
    const prefix = `listener.name.${name}`;
    const common = 'org.apache.kafka.common.security';
    properties[`${prefix}.sasl.enabled.mechanisms`] = 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER';
    properties[`${prefix}.plain.sasl.jaas.config`] =
      `${common}.plain.PlainLoginModule required user_${user.name}="${user.password}";`;
    for (const mechanism of ['scram-sha-256', 'scram-sha-512'])
      properties[`${prefix}.${mechanism}.sasl.jaas.config`] = `${common}.scram.ScramLoginModule required;`;
    properties[`${prefix}.oauthbearer.sasl.jaas.config`] =
      `${common}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`;
  }
  for (const name of ['tls', 'sasltls'] as const) {
    if (!ports.has(name) || certificates === null) continue;
    const prefix = `listener.name.${name}.ssl`;
    properties[`${prefix}.keystore.type`] = 'PEM';
    properties[`${prefix}.keystore.location`] = certificates.brokerKeyStore;
    properties[`${prefix}.truststore.type`] = 'PEM';
    properties[`${prefix}.truststore.location`] = certificates.ca;
    properties[`${prefix}.client.auth`] = name === 'tls' ? 'requested' : 'none';
  }
  return Object.entries({ ...properties, ...extra })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

async function reachable(port: number, child: ChildProcess, output: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the Kafka node ended with ${child.exitCode ?? child.signalCode}: see ${output}`);
    const ok = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port }, () => resolve(true));
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
    });
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the Kafka node does not listen on port ${port} after ${startTimeoutMs / 1000} s: see ${output}`);
}
