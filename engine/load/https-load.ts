/** Load over HTTPS: a body after the other on each connection, sent by node:https. What the server refuses for now is sent again. */
import { Agent, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadResult, LoadTemplate } from '../../native/load-generator.js';
import { type Chunk, Chunks } from './chunks.js';
import { adviceOnTls, patienceMs, type TlsLoadOptions, tlsOptions } from './tls-load.js';

const pauseMsMax = 5000;

export async function runHttpsLoad(options: TlsLoadOptions, template: LoadTemplate): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const chunks = new Chunks(options, template);
  const load = { sent: 0, bytes: 0, retries: 0 };
  const gaveUp = new AbortController();
  const { seconds, stop } = options;
  const giveUp = (): void => gaveUp.abort();
  const end = seconds > 0 ? setTimeout(giveUp, seconds * 1000 + patienceMs) : undefined;
  stop.addEventListener('abort', () => setTimeout(giveUp, 1000).unref());
  const feed = async (): Promise<void> => {
    let mine = 0;
    for (let chunk = chunks.next(mine); chunk !== null; chunk = chunks.next(mine)) {
      for (;;) {
        const { status, retryAfterS } = await post(options, agent, chunk, gaveUp.signal);
        if (status >= 200 && status < 300) break;
        if (status !== 429 && status !== 503) throw new Error(`it answered ${status}`);
        if (stop.aborted || gaveUp.signal.aborted) return;
        load.retries++;
        await delay(Math.min(retryAfterS * 1000, pauseMsMax));
      }
      load.sent += chunk.count;
      load.bytes += chunk.bytes.length;
      mine += chunk.count;
      const pauseMs = chunks.pauseMs(mine);
      if (pauseMs > 0) await delay(pauseMs);
    }
  };
  let error = '';
  try {
    await Promise.all(Array.from({ length: options.connections }, feed));
  } catch (cause) {
    error = gaveUp.signal.aborted ? 'gave up: the listener takes nothing' : adviceOnTls(cause as Error);
  }
  clearTimeout(end);
  agent.destroy();
  return { ...load, seconds: (performance.now() - chunks.startedMs) / 1000, error };
}

/** Resolves with the answer's status, when all of it is there. */
function post(
  options: TlsLoadOptions,
  agent: Agent,
  { bytes }: Chunk,
  signal: AbortSignal,
): Promise<{ status: number; retryAfterS: number }> {
  return new Promise((resolve, reject) => {
    const headers = { ...options.headers, 'content-length': bytes.length };
    const { path } = options;
    const sent = request({ ...tlsOptions(options), agent, method: 'POST', path, headers, signal }, (answer) => {
      const status = answer.statusCode ?? 0;
      const retryAfterS = Number(answer.headers['retry-after'] ?? 1) || 1;
      answer.on('error', reject).on('end', () => resolve({ status, retryAfterS }));
      answer.resume();
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}
