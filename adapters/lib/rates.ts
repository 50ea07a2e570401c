/** Options that limit single senders, for every source that has senders it can tell apart. */
import type { OptionSpec } from '../../engine/config/option.js';
import type { ListenerSpec, RateLimit } from '../../engine/contracts.js';

export const rateBytesOption: OptionSpec = {
  name: 'rate_bytes',
  type: 'bytes',
  default: null,
  min: 1024,
  max: 1024 ** 4,
  text: 'Bytes per second from one sender (an address, or an IPv6 /64). Beyond it, TCP and TLS are not read for a while, HTTP is answered 429, UDP is dropped and counted. Default: no limit.',
  example: '10MiB',
  live: true,
};

export const rateBurstOption: OptionSpec = {
  name: 'rate_burst_ms',
  type: 'duration_ms',
  default: 1000,
  min: 10,
  max: 600_000,
  text: 'Burst size: what the rate allows in this time may arrive at once.',
  live: true,
};

/** Whom a rate is of, where senders show certificates. */
export const rateByOption: OptionSpec = {
  name: 'rate_by',
  type: 'enum',
  values: ['address', 'certificate'],
  default: 'address',
  text: 'What counts as one sender for rate_bytes: an address, or the subject of the client certificate (with client_ca).',
};

/** A rate option of a listener as a bucket; undefined: no limit. */
export function rateOf(listener: ListenerSpec, name: string): RateLimit | undefined {
  const perSecond = Number(listener.options[name] ?? 0);
  if (perSecond <= 0) return undefined;
  const burstMs = Number(listener.options.rate_burst_ms ?? rateBurstOption.default);
  return { perSecond, burst: Math.max(1, Math.floor((perSecond * burstMs) / 1000)) };
}
