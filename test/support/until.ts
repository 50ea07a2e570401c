import { setTimeout as delay } from 'node:timers/promises';

/** How long a test waits for what must come, also on a busy machine: only a test that fails takes so long. */
export const patienceMs = 180_000;
const everyMs = 25;

export interface Patience {
  readonly timeoutMs?: number;
  /** More to say when it did not come. */
  readonly detail?: () => string;
}

/** Asks until the answer is yes; rejects with `what` when it never is. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { timeoutMs = patienceMs, detail = () => '' }: Patience = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s\n${detail()}`);
    await delay(everyMs);
  }
}
