import { type BatchItem, noteError, sendPart } from '../batch-item.js';
import { errorCode } from '../error-codes.js';
import type { Figure } from '../figures.js';
import { divide } from '../split-item.js';
import { advanceSequence } from '../stamp.js';
import { deliveryError, type Failure, failureOfCode } from '../trouble.js';
import type { ProduceAnswer } from '../wire/apis/produce.js';
import { TransactionLost } from './coordinator.js';
import type { Leaders } from './leaders.js';
import type { Transactions } from './transactions.js';

export interface SenderHost {
  readonly signal: AbortSignal;
  pauseForTry(attempt: number, baseMs: number): Promise<void>;
  readonly leaders: Leaders;
  readonly transactions: Transactions;
  /** Next sequence by partition, of this producer epoch. */
  readonly sequences: Map<string, number>;
  trouble(failure: Failure): void;
  /** A try after trouble went well. */
  succeeded(): void;
  count(figure: Figure, by?: number): void;
}

/** What became of an item within the transaction; it is answered when that is committed. */
export interface Sent {
  readonly item: BatchItem;
  /** Null: it is stored. */
  readonly refusal: Failure | null;
}

/**
 * Sends the batches of one partition within the open transaction, one after another; what is too large is split. Rejects with
 * TransactionLost when the transaction has to be done again from its beginning.
 */
export async function sendInOrder(
  host: SenderHost,
  place: { readonly topic: string; readonly partition: number },
  items: readonly BatchItem[],
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const waiting = [...items];
  for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
    const { failure, badRecords } = await sendOne(host, place, item);
    const parts = failure === null ? null : divide(item, failure.code, badRecords);
    if (parts === null) sent.push({ item, refusal: failure });
    else {
      host.count('split_batches_total');
      sent.push(...parts.refuse.map((part) => ({ item: part, refusal: failure })));
      waiting.unshift(...parts.send);
    }
  }
  return sent;
}

/** Until it is stored or refused. */
async function sendOne(
  host: SenderHost,
  place: { readonly topic: string; readonly partition: number },
  item: BatchItem,
): Promise<{ failure: Failure | null; badRecords: readonly number[] }> {
  const name = `${place.topic}-${place.partition}`;
  const baseSequence = host.sequences.get(name) ?? 0;
  const { producerId, epoch } = host.transactions;
  item.stamp = { producerId, epoch, baseSequence, transactional: true };
  item.maybeStored = false;
  for (let attempt = 1; ; attempt++) {
    const { code, text, answer } = await sendOnce(host, place, item);
    const failure = failureOfCode(code, name, text);
    const { class: errorClass } = errorCode(code);
    if (code === 0 || errorClass === 'done') {
      if (attempt > 1) host.succeeded();
      host.sequences.set(name, advanceSequence(baseSequence, item.batch.count));
      return { failure: null, badRecords: [] };
    }
    if (errorClass === 'never' && !item.maybeStored) return { failure, badRecords: answer?.badRecords ?? [] };
    if (errorClass === 'never' || errorClass === 'recover') throw new TransactionLost(failure.code);
    if (host.signal.aborted) throw deliveryError(failure);
    noteError(item, code);
    host.trouble(failure);
    host.count('retries_total');
    await host.pauseForTry(attempt, errorClass === 'wait' ? 1000 : 50);
    if (errorClass !== 'retry') await host.leaders.refresh();
    if (host.leaders.partitionCount(place.topic) <= place.partition) throw new TransactionLost('PARTITION_GONE');
  }
}
function sendOnce(
  host: SenderHost,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  item: BatchItem,
): Promise<{ code: number; text: string | null; answer?: ProduceAnswer }> {
  const link = host.leaders.linkOf(topic, partition);
  if (link === null || host.signal.aborted) return Promise.resolve({ code: 5, text: null });
  return new Promise((resolve) =>
    link.sendAlone(
      sendPart(item, topic, partition, (code, text, answer) =>
        resolve({ code, text, ...(answer === undefined ? {} : { answer }) }),
      ),
    ),
  );
}
