/** One request, from its headers to its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ListenerSpec, SourceContext } from '../../../engine/contracts.js';
import { FairShare } from '../../../engine/fair-share.js';
import { plainAddress, senderOf } from '../../lib/senders.js';
import { type AvroContext, frameAvro, holdsAvro } from './avro.js';
import type { HttpConnection, HttpConnections } from './connections.js';
import { contentKind } from './content.js';
import { type Coding, contentCoding, decode } from './decoding.js';
import { deliverAll } from './delivery.js';
import type { Faults } from './faults.js';
import { frame } from './framing.js';
import { Gate } from './gate.js';
import { beginRequest, idempotencyKey } from './idempotency.js';
import type { HttpSettings } from './options.js';
import { checkAnnounced, discardBody, PeerGone, readBody, Share } from './reading.js';
import { busy, Refusal, tooFast, unavailable } from './refusal.js';
import { checkRequest } from './requests.js';

/** `waits`: the client sends its body only when told to continue (Expect: 100-continue, RFC 9110 section 10.1.1). */
export type Handler = (request: IncomingMessage, response: ServerResponse, waits: boolean) => void;

/** Bodies decompressed at a time: beside `bodies_bytes_max` the memory they may take, times `body_bytes_max`. */
export const decodingMax = 4;
/** Of one body at a time: as it was sent, decompressed, in frames. */
const formsMax = 3;
const discardedBytesMax = 1024 * 1024;
const discardTimeoutMs = 1_000;

/** `closing`: connections are not kept after their answer. */
export function makeHandler(
  listener: ListenerSpec,
  settings: HttpSettings,
  context: SourceContext,
  connections: HttpConnections,
  closing: () => boolean,
  avro: AvroContext,
  faults: Faults,
): Handler {
  const budget = new FairShare(settings.bodiesBytesMax, formsMax * settings.bodyBytesMax);
  const decoding = new Gate(decodingMax);
  const waits = new WeakSet<IncomingMessage>();
  // Of the listener as configured: keys are known again after a restart.
  const scope = `${listener.scheme}:${listener.host}:${listener.port}`;
  const count = (name: string, by = 1) => context.feeder.count(listener.index, name, by);

  async function take(
    request: IncomingMessage,
    response: ServerResponse,
    share: Share,
    connection: HttpConnection,
    takeTurn: () => Promise<void>,
    handedOver: () => void,
  ): Promise<number> {
    checkRequest(request, settings.token);
    const kind = contentKind(request.headers['content-type']);
    const key = idempotencyKey(request);
    const coding = contentCoding(request.headers['content-encoding']);
    if (!context.ready()) throw unavailable('not ready');
    if (context.admission.memoryFull()) throw busy('the process holds too much memory', 0, 'memory');
    const waitMs = connections.wait(connection);
    if (waitMs > 0) throw tooFast(waitMs);
    checkAnnounced(request, settings.bodyBytesMax);
    if (waits.has(request)) {
      waits.delete(request);
      response.writeContinue();
    }
    const sent = await readBody(request, settings.bodyBytesMax, share);
    connections.charge(connection, sent.length);
    const body = coding === 'identity' ? sent : await decoding.run(() => decodeWithin(sent, coding, share));
    const framed = holdsAvro(body, kind)
      ? await frameAvro(body, settings, avro, (bytes) => share.take(bytes))
      : frame(body, kind, settings.frameBytesMax);
    if (framed.framing === 'prefixed') share.take(framed.pieces.reduce((sum, piece) => sum + piece.bytes.length, 0));
    await takeTurn();
    const { feeder, ready } = context;
    const stored = (events: number) => count('acknowledged_events_total', events);
    const delivery = { feeder, connection: connection.stream, ready, handedOver, stored };
    if (key === null) return deliverAll(framed, delivery);
    const begun = await beginRequest(
      context.requests,
      { scope, key, sender: connections.nameOf(connection) },
      body,
      framed,
    );
    if (typeof begun === 'number') {
      response.setHeader('idempotency-replayed', 'true');
      return begun;
    }
    try {
      return await deliverAll(framed, { ...delivery, request: begun });
    } finally {
      begun.end();
    }
  }

  /** How large a body becomes is known only when it is there: few are decompressed at a time, then each is counted. */
  async function decodeWithin(sent: Buffer, coding: Coding, share: Share): Promise<Buffer> {
    const body = await decode(sent, coding, settings);
    share.take(body.length);
    return body;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const share = new Share(budget, senderOf(request.socket.remoteAddress ?? ''));
    try {
      const accepted = await connections.use(request.socket, (connection, takeTurn, handedOver) =>
        take(request, response, share, connection, takeTurn, handedOver),
      );
      answer(response, 200, { accepted });
    } catch (error) {
      if (error instanceof PeerGone) {
        faults.aborted(request.socket);
        return void response.destroy();
      }
      const refusal = error instanceof Refusal ? error : unexpected(error);
      context.log.debug({ listener: listener.url, peer: peerOf(request), status: refusal.status }, refusal.message);
      if (!request.complete) {
        response.setHeader('connection', 'close');
        if (!waits.has(request)) await discardBody(request, discardedBytesMax, discardTimeoutMs);
      }
      count(`requests_refused_total.${refusal.reason}`);
      for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
      answer(response, refusal.status, { error: refusal.message, accepted: refusal.accepted });
    } finally {
      share.release();
    }
  }

  function unexpected(error: unknown): Refusal {
    context.log.error({ listener: listener.url, err: error }, 'an HTTP request failed unexpectedly');
    return new Refusal(500, 'internal error');
  }

  function answer(response: ServerResponse, status: number, body: object): void {
    if (response.destroyed || response.headersSent) return;
    count('requests_total');
    if (closing()) response.setHeader('connection', 'close');
    const text = `${JSON.stringify(body)}\n`;
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  }

  return (request, response, waitsToContinue) => {
    if (waitsToContinue) waits.add(request);
    request.on('error', () => {}); // seen by readBody while it reads; afterwards the answer fails by itself
    void handle(request, response);
  };
}

const peerOf = (request: IncomingMessage) => plainAddress(request.socket.remoteAddress ?? '');
