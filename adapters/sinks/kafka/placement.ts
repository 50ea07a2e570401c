import type { Logger } from 'pino';
import { type BatchItem, unsent } from './batch-item.js';
import type { BrokerLinks } from './broker-links.js';
import { PartitionQueue } from './partition-queue.js';
import { placeAgain } from './send-log-items.js';
import type { SinkHost } from './sink-host.js';
import { deliveryError, type Failure } from './trouble.js';
import type { TopicMetadata } from './wire/apis/metadata.js';

/** Gives each batch to a partition of its topic, and follows what becomes of topics and partitions. */
export class Placement {
  /** Queues by topic, then partition; empty until metadata is known. */
  readonly #queues = new Map<string, PartitionQueue[]>();
  /** Handed over before their topic's partitions were known. */
  readonly #unplaced = new Map<string, BatchItem[]>();
  #rotation = 0;

  constructor(
    private readonly topics: readonly string[],
    private readonly links: BrokerLinks,
    private readonly host: SinkHost,
    private readonly log: Logger,
  ) {}

  /** The topic of a route. */
  topicOf(route: number): string {
    return this.topics[route] ?? this.topics[0]!;
  }
  /** Topics whose partitions are known. */
  get known(): readonly string[] {
    return [...this.#queues.keys()];
  }
  /** undefined: not known yet. */
  partitionsOf(topic: string): number | undefined {
    return this.#queues.get(topic)?.length;
  }
  /** −1: none. */
  leaderOf(topic: string, partition: number): number {
    return this.#queues.get(topic)?.[partition]?.leader ?? -1;
  }
  /** No partition is without its leader. */
  get healthy(): boolean {
    return this.#all().every((queue) => queue.healthy);
  }
  /** Batches wait for a topic's partitions to be known. */
  get waits(): boolean {
    return this.#unplaced.size > 0;
  }

  /** The partition it was sent to before, the one it is made for, or a healthy one. False: it waits for its topic. */
  place(item: BatchItem): boolean {
    const queues = this.#queuesFor(item);
    if (queues === null) return false;
    const sent = item.batch === item.source ? this.host.log.find(item.batch.position) : [];
    const again = sent.length === 0 ? null : placeAgain(item, sent, queues);
    if (again === 'other batch') {
      this.host.count('stamp_mismatches_total');
      this.log.error(
        { position: item.batch.position },
        'the journal holds another batch here than the one that was sent: it gets a new stamp',
      );
    }
    const parts = again === null || again === 'other batch' ? [{ item, queue: null }] : again;
    for (const part of parts) (part.queue ?? this.#choose(part.item, queues)).add(part.item);
    return true;
  }
  /** The partition that had it is no more. False: it waits for its topic. */
  replace(item: BatchItem): boolean {
    Object.assign(item, unsent);
    const queues = this.#queuesFor(item);
    if (queues !== null) this.#choose(item, queues).add(item);
    return queues !== null;
  }

  /** What the cluster says of a topic now. */
  follow(topic: TopicMetadata): void {
    let queues = this.#queues.get(topic.name);
    if (queues === undefined) {
      queues = [];
      this.#queues.set(topic.name, queues);
    }
    this.#noteChanges(topic, queues);
    const told = new Map(topic.partitions.map((partition) => [partition.index, partition]));
    const count = Math.max(-1, ...told.keys()) + 1;
    // No topic loses partitions: a broker that tells of fewer lags behind, and what the others may have is not for these.
    const retired = queues.splice(queues[0]?.topicId === topic.id ? Math.max(count, queues.length) : count);
    for (let index = 0; index < count; index++) {
      queues[index] ??= new PartitionQueue(topic.name, index, this.host);
      const leader = told.get(index)?.leader;
      if (leader !== undefined) queues[index]!.follow(leader, this.links.to(leader, index), topic.id);
    }
    for (const queue of retired) queue.retire();
    for (const item of this.#takeUnplaced(topic.name)) this.place(item);
    this.#moveFromUnhealthy(queues);
  }

  /** Takes out what waits for a topic; what may be stored already waits on. */
  takeUnplaced(topic: string): BatchItem[] {
    const mayBeStored = ({ batch }: BatchItem) => this.host.log.find(batch.position).length > 0;
    const items = this.#takeUnplaced(topic);
    const kept = items.filter(mayBeStored);
    if (kept.length > 0) this.#unplaced.set(topic, kept);
    return items.filter((item) => !mayBeStored(item));
  }
  #takeUnplaced(topic: string): BatchItem[] {
    const items = this.#unplaced.get(topic) ?? [];
    this.#unplaced.delete(topic);
    return items;
  }
  /** The sink stops: every batch it has is given back. */
  abandon(failure: Failure): void {
    for (const queue of this.#all()) queue.rejectAll(failure);
    for (const items of this.#unplaced.values()) for (const item of items) item.reject(deliveryError(failure));
    this.#unplaced.clear();
  }

  #all(): PartitionQueue[] {
    return [...this.#queues.values()].flat();
  }
  #queuesFor(item: BatchItem): readonly PartitionQueue[] | null {
    const topic = this.topicOf(item.batch.route);
    const queues = this.#queues.get(topic) ?? [];
    if (queues.length > 0) return queues;
    const waiting = this.#unplaced.get(topic);
    if (waiting === undefined) this.#unplaced.set(topic, [item]);
    else waiting.push(item);
    return null;
  }
  #choose(item: BatchItem, queues: readonly PartitionQueue[]): PartitionQueue {
    const wanted = item.batch.partition;
    if (wanted >= 0) return queues[wanted % queues.length]!;
    this.#rotation = (this.#rotation + 1) % queues.length;
    let best = queues[this.#rotation]!;
    for (let i = 1; i < queues.length; i++) {
      const queue = queues[(this.#rotation + i) % queues.length]!;
      if (Number(queue.healthy) > Number(best.healthy)) best = queue;
      else if (queue.healthy === best.healthy && queue.pendingBytes < best.pendingBytes) best = queue;
    }
    return best;
  }
  /** What may go to any partition does not wait for a leader that is away. */
  #moveFromUnhealthy(queues: readonly PartitionQueue[]): void {
    if (!queues.some((queue) => queue.healthy)) return;
    for (const queue of queues)
      if (!queue.healthy) for (const item of queue.takeMovable()) this.#choose(item, queues).adopt(item);
  }
  #noteChanges(topic: TopicMetadata, queues: readonly PartitionQueue[]): void {
    const [before, now] = [queues.length, topic.partitions.length];
    if (before === 0) return;
    if (queues[0]!.topicId !== topic.id)
      this.log.warn(
        { topic: topic.name, partitions: now },
        `topic ${topic.name} was deleted and created anew: what was acknowledged before went with the old one; ` +
          'what was in flight is looked for in the new one and sent again where it is not there',
      );
    else if (now > before)
      this.log.info(
        { topic: topic.name, before, now },
        `topic ${topic.name} has ${now - before} more partitions: they are used from now on`,
      );
  }
}
