/** For this folder's tests: a listener on a free port with a feeder that remembers what it was given. */
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import type { Feeder, FormatName, Source, SourceContext, WriterSchemas } from '../../../engine/contracts.js';
import { RequestMemory } from '../../../engine/requests/request-memory.js';
import { source } from './source.js';

export interface Delivered {
  readonly listenerIndex: number;
  readonly framing: 'line' | 'prefixed';
  readonly peer: string;
  readonly format: FormatName | undefined;
  readonly frames: readonly string[];
}

export interface Harness {
  readonly port: number;
  readonly running: Source;
  readonly delivered: Delivered[];
  /** What the source counted, by name. */
  readonly counts: ReadonlyMap<string, number>;
  /** Decides what becomes of the nth delivery (from 0). */
  onDeliver: (n: number) => Promise<void>;
  ready: boolean;
  memoryFull: boolean;
  post(body: string | Uint8Array, headers?: Record<string, string>, path?: string): Promise<Answer>;
  /** Sends bytes as they are; resolves with all the server sent until it closed (or `timeoutMs`). */
  raw(text: string | Buffer, timeoutMs?: number): Promise<{ text: string; closed: boolean }>;
}
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { accepted?: number; error?: string };
}

export async function withListener(
  options: Record<string, string | number | boolean>,
  use: (harness: Harness) => Promise<void>,
  {
    messageBytesMax = 65536,
    scheme = 'http',
    port: wantedPort = 0,
    writerSchemas,
  }: { messageBytesMax?: number; scheme?: string; port?: number; writerSchemas?: WriterSchemas } = {},
): Promise<void> {
  const delivered: Delivered[] = [];
  const feeder: Feeder = {
    open: (listenerIndex, _framing, peer) => streams.push({ listenerIndex, peer }) - 1,
    write: () => true,
    close: () => Promise.resolve(),
    count: (_listener, name, by) => counts.set(name, (counts.get(name) ?? 0) + by),
    async deliver(stream, framing, body, format, before) {
      const { listenerIndex, peer } = streams[stream]!;
      before?.({ worker: 0, chunk: attempts });
      await harness.onDeliver(attempts++);
      delivered.push({ listenerIndex, framing, peer, format, frames: framesOf(body, framing) });
    },
  };
  let attempts = 0;
  const streams: { listenerIndex: number; peer: string }[] = [];
  const counts = new Map<string, number>();
  const context = {
    log: pino({ level: 'silent' }),
    feeder,
    ready: () => harness.ready,
    limits: { messageBytesMax },
    writerSchemas,
    requests: new RequestMemory({ log: null, boot: 1, ringOf: (worker) => worker, keysMax: 6 }),
    admission: {
      descriptorsMax: Number.POSITIVE_INFINITY,
      connectionsFull: () => false,
      memoryFull: () => harness.memoryFull,
    },
  } as unknown as SourceContext;
  const url = `${scheme}://127.0.0.1:${wantedPort}`;
  const listener = { index: 7, url, scheme, host: '127.0.0.1', port: wantedPort, options };
  const running = source.create(listener, context);
  const port = await running.start();
  const harness: Harness = {
    port,
    running,
    delivered,
    counts,
    onDeliver: () => Promise.resolve(),
    ready: true,
    memoryFull: false,
    async post(body, headers = {}, path = '/ingest') {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        body: body as Uint8Array<ArrayBuffer>,
        headers,
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
    },
    raw: (text, timeoutMs) => raw(port, text, timeoutMs),
  };
  try {
    await use(harness);
  } finally {
    await running.stop();
  }
}

/** Deliveries wait from now on: `begun` resolves with the first of them, `end` has it durable. */
export function holdDeliveries(http: Harness): { readonly begun: Promise<void>; end(): void } {
  const held = { begun: Promise.resolve(), end: () => {} };
  held.begun = new Promise((begun) => {
    http.onDeliver = () =>
      new Promise((resolve) => {
        held.end = resolve;
        begun();
      });
  });
  return held;
}

export function framesOf(body: Uint8Array, framing: 'line' | 'prefixed'): string[] {
  const bytes = Buffer.from(body);
  if (framing === 'line')
    return bytes
      .toString()
      .split(/\r?\n/)
      .filter((line) => line !== '' && line !== '\r');
  const out: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32LE(at);
    out.push(bytes.toString('utf8', at + 4, at + 4 + size));
    at += 4 + size;
  }
  return out;
}

function raw(port: number, text: string | Buffer, timeoutMs = 30_000): Promise<{ text: string; closed: boolean }> {
  return new Promise((resolve) => {
    let received = '';
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(text));
    const timer = setTimeout(() => finish(false), timeoutMs);
    const finish = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text: received, closed });
    };
    socket.on('data', (part) => {
      received += part.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => finish(true));
  });
}
