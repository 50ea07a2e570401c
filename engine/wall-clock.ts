/** Steps of the clock that are no rounding. */
const stepMs = 5;
let originMs = performance.timeOrigin;

/**
 * Milliseconds since the epoch, fractions included. Follows a clock that is set, and a machine that slept: the origin that Node has for
 * its precise clock is that of the start.
 */
export function wallMs(): number {
  const [nowMs, sinceMs] = [Date.now(), performance.now()];
  if (Math.abs(nowMs - originMs - sinceMs) > stepMs) originMs = nowMs - sinceMs;
  return originMs + sinceMs;
}
