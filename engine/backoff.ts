import type { Breaker } from './contracts.js';

/** Exponential back-off with full jitter: uniformly between 0 and min(`maxMs`, `baseMs` · 2^attempt). */
export function backoffMs(attempt: number, baseMs: number, maxMs: number, random: () => number = Math.random): number {
  return Math.floor(random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30)));
}

/** Resolves after `ms`, or at once when `signal` is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

const lookAgainMs = 100;

/** Waits for `ms`, and then until the breaker lets a try go. */
export async function pauseForTry(ms: number, breaker: Breaker | undefined, signal: AbortSignal): Promise<void> {
  await pause(ms, signal);
  if (breaker === undefined) return;
  for (let left = breaker.waitMs(); left > 0 && !signal.aborted; left = breaker.waitMs())
    await pause(Math.min(left, lookAgainMs), signal); // another's try may close it before
}
