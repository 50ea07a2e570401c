/** Notices that a zone has another offset from UTC than before: daylight saving began or ended. */
import type { Settings } from './settings.js';
import { utcOffsetSeconds } from './time-zone.js';

const lookMs = 10_000;

/** The zones that settings name. */
export function zonesOf({ timeZone, listeners }: Pick<Settings, 'timeZone' | 'listeners'>): string[] {
  const own = listeners.flatMap(({ options: { time_zone: zone } }) => (zone === undefined ? [] : [String(zone)]));
  return [...new Set([timeZone, ...own])];
}

/**
 * Calls `onChange` with the zones whose offset is another than at the look before.
 * @param nowMs milliseconds since the epoch
 * @returns one look, and what ends looking by itself
 */
export function watchZones(
  zones: () => readonly string[],
  onChange: (changed: readonly string[]) => void,
  nowMs: () => number = Date.now,
): { readonly look: () => void; readonly end: () => void } {
  let known = new Map<string, number | undefined>();
  const look = (): void => {
    const now = new Map(zones().map((zone) => [zone, utcOffsetSeconds(zone, nowMs())]));
    const changed = [...now.keys()].filter((zone) => known.has(zone) && known.get(zone) !== now.get(zone));
    known = now;
    if (changed.length > 0) onChange(changed);
  };
  look();
  const timer = setInterval(look, lookMs);
  timer.unref();
  return { look, end: () => clearInterval(timer) };
}
