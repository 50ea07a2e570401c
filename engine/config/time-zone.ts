/** What a zone may be, for people. */
export const zones = 'UTC, an offset such as +02:00, or an IANA name such as Europe/Berlin';

/**
 * Seconds east of UTC of 'UTC', 'Z', '+02:00', '-0330' or an IANA zone at a moment; undefined when it is none of these.
 * @param atMs milliseconds since the epoch: a zone with daylight saving has two offsets
 */
export function utcOffsetSeconds(zone: string, atMs: number = Date.now()): number | undefined {
  const fixed = /^(?:UTC|GMT|Z)?(?:([+-])(\d{2}):?(\d{2})?)?$/i.exec(zone);
  if (fixed && zone !== '') {
    const [, sign, hours = '0', minutes = '0'] = fixed;
    const seconds = Number(hours) * 3600 + Number(minutes) * 60;
    if (Number(minutes) > 59 || seconds > 14 * 3600) return undefined;
    return sign === '-' ? -seconds : seconds;
  }
  return ianaOffsetSeconds(zone, atMs);
}

function ianaOffsetSeconds(zone: string, atMs: number): number | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch {
    return undefined; // RangeError: no such zone
  }
  const name = format.formatToParts(atMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const match = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(name);
  if (!match) return undefined;
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match;
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' ? -total : total;
}
