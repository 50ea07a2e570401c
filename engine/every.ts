/**
 * Regular work of the main thread, done together: each is due at the multiples of its interval, so that what is due every quarter, half
 * and whole second is done at one wake-up, and an idle process sleeps in between.
 */

/**
 * Calls `work` every `ms` milliseconds until it is told to end; how late it may be is as with `setInterval`. The first call comes within
 * `ms`.
 * @param keepsAlive the process does not end by itself while this goes on
 * @returns ends it
 */
export function every(ms: number, work: () => void, keepsAlive = true): () => void {
  const next = (): NodeJS.Timeout => {
    const timeout = setTimeout(due, untilNext(ms, performance.now()));
    return keepsAlive ? timeout : timeout.unref();
  };
  const due = (): void => {
    timer = next();
    work();
  };
  let timer = next();
  return () => clearTimeout(timer);
}

/** A timer may fire a little early: what is due within a quarter of the interval counts as done now. */
export function untilNext(ms: number, nowMs: number): number {
  const left = ms - (nowMs % ms);
  return left < ms / 4 ? left + ms : left;
}
