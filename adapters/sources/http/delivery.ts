/** Pieces of one body through the feeder, in order, until all are durable. */
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { ChunkPlace, Feeder, OpenRequest } from '../../../engine/contracts.js';
import { RingFull } from '../../../engine/errors.js';
import type { Framed } from './framing.js';
import { busy, unavailable } from './refusal.js';

/** Pieces of one body in the rings at a time: a large body leaves room for others. */
const piecesInFlightMax = 4;

export interface DeliveryContext {
  readonly feeder: Feeder;
  /** Of the feeder. */
  readonly connection: number;
  ready(): boolean;
  /** Where the request has a key: what is stored of it already, and who remembers what comes. */
  readonly request?: OpenRequest | null;
  /** Called with events that have become durable; what an earlier request stored is not among them. */
  stored?(events: number): void;
  /** Called when every piece is in the rings, though not yet durable. */
  handedOver?(): void;
}

/**
 * Resolves with the number of events, all durable. Rejects with a Refusal that says how many events from the start of the
 * body are durable: the client sends the rest again.
 *
 * Where the rings have no room and earlier pieces are still on their way, it waits for those and tries again; so a body
 * larger than a ring goes through. A piece is handed over only after the ring took the one before it, so what is durable
 * is always a prefix.
 */
export async function deliverAll(body: Framed, context: DeliveryContext): Promise<number> {
  const { feeder, connection, ready, request = null } = context;
  const inFlight: { readonly settled: Promise<Settled>; readonly count: number }[] = [];
  let accepted = request?.events ?? 0;
  const awaitOldest = async () => {
    const oldest = inFlight.shift()!;
    const outcome = await oldest.settled;
    if (outcome.error instanceof RingFull) throw busy('no room now', accepted);
    if (outcome.error !== undefined)
      throw unavailable(`the events could not be stored: ${reason(outcome.error)}`, accepted);
    accepted += oldest.count;
    context.stored?.(oldest.count);
    request?.stored();
  };
  for (const piece of body.pieces.slice(request?.pieces ?? 0)) {
    const before = request ? (place: ChunkPlace) => request.before(piece.count, place) : undefined;
    for (let taken = false; !taken; ) {
      if (inFlight.length >= piecesInFlightMax) await awaitOldest();
      if (!ready()) {
        while (inFlight.length > 0) await awaitOldest();
        throw unavailable('not ready', accepted);
      }
      const settled = settle(feeder.deliver(connection, body.framing, piece.bytes, body.format, before));
      taken = !(await refusedNow(settled));
      if (taken) inFlight.push({ settled, count: piece.count });
      else if (inFlight.length > 0) await awaitOldest();
      else throw busy('no room now', accepted);
    }
  }
  context.handedOver?.();
  while (inFlight.length > 0) await awaitOldest();
  await request?.durable();
  return accepted;
}

interface Settled {
  readonly error?: unknown;
}

function settle(delivery: Promise<void>): Promise<Settled> {
  return delivery.then(
    () => ({}),
    (error: unknown) => ({ error: error ?? new Error('unknown') }),
  );
}

/** RingFull comes before the event loop turns (see Feeder.deliver); durability comes later. */
async function refusedNow(settled: Promise<Settled>): Promise<boolean> {
  const outcome = await Promise.race([settled, eventLoopTurn(undefined)]);
  return outcome?.error instanceof RingFull;
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));
