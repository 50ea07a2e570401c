/** Two sinks, one of them dead: the other goes on as if nothing had happened. */
import { setTimeout as delay } from 'node:timers/promises';
import { KafkaCluster } from '../e2e/kafka/broker.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { Random } from '../support/random.js';
import { TcpSenders } from './tcp-senders.js';

/** Two brokers, and an engine that delivers to both. */
export class TwoSinks {
  #running = true;
  #feeding: Promise<void> = Promise.resolve();
  #senders: TcpSenders | null = null;

  static async start(): Promise<TwoSinks> {
    const live = await KafkaCluster.start();
    const dying = await KafkaCluster.start();
    const url = (cluster: KafkaCluster, name: string) =>
      `kafka://${cluster.bootstrap()}/two?create_topics=true&partitions=3&replication=1&name=${name}`;
    const penstock = await PenstockProcess.start({
      listen: ['syslog+tcp'],
      deliver: `${url(live, 'live')},${url(dying, 'dying')}`,
      env: { PENSTOCK_LOG_LEVEL: 'error', PENSTOCK_SHUTDOWN_TIMEOUT_MS: '60000' },
    });
    return new TwoSinks(penstock, live, dying);
  }

  private constructor(
    readonly penstock: PenstockProcess,
    readonly live: KafkaCluster,
    readonly dying: KafkaCluster,
  ) {}

  delivered(sink: 'live' | 'dying'): Promise<number> {
    return this.penstock.metric('penstock_events_delivered_total', { sink });
  }

  /** Sends as much as is taken, until `rest`. */
  feed(): void {
    const senders = new TcpSenders(this.penstock.ports[0] as number, 8, 200, new Random(1));
    this.#senders = senders;
    this.#running = true;
    this.#feeding = (async () => {
      while (this.#running) {
        senders.send(1600);
        await delay(2);
      }
    })();
  }

  /** Stops sending; answers how many events were sent. */
  async rest(): Promise<number> {
    this.#running = false;
    await this.#feeding;
    await this.#senders?.stop();
    return this.#senders?.events ?? 0;
  }

  /** Events a second that the live sink takes. */
  async rate(seconds: number): Promise<number> {
    const [from, fromMs] = [await this.delivered('live'), performance.now()];
    await delay(seconds * 1000);
    const [to, toMs] = [await this.delivered('live'), performance.now()];
    return ((to - from) / (toMs - fromMs)) * 1000;
  }

  async end(): Promise<void> {
    await this.rest();
    await this.penstock.dispose();
    await Promise.all([this.live.stop(), this.dying.stop()]);
  }
}
