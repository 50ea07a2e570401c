import type { OptionSpec } from '../../../engine/config/option.js';
import type { ListenerSpec, RateLimit, SourceContext } from '../../../engine/contracts.js';
import { rateBurstOption, rateByOption, rateBytesOption, rateOf } from '../../lib/rates.js';
import { addressConnectionsOption } from '../../lib/stream-options.js';

const mebibyte = 1024 * 1024;

export const options: readonly OptionSpec[] = [
  {
    name: 'body_bytes_max',
    type: 'bytes',
    default: 16 * mebibyte,
    min: 1024,
    max: 512 * mebibyte,
    text: 'Largest request body, compressed and decompressed. Larger ones are answered 413.',
  },
  {
    name: 'compression_ratio_max',
    type: 'integer',
    default: 200,
    min: 2,
    max: 100_000,
    text: 'Largest factor by which a compressed body may grow (1 MiB is always allowed). Beyond it, the body is taken for a decompression bomb: 413.',
  },
  {
    name: 'bodies_bytes_max',
    type: 'bytes',
    default: 256 * mebibyte,
    min: 64 * 1024,
    text: 'Memory for the bodies of all requests of this listener together. One address may hold at most as much as it leaves free. Beyond it, requests are answered 429.',
  },
  {
    name: 'connections_max',
    type: 'integer',
    default: 4096,
    min: 1,
    max: 1_000_000,
    text: 'Connections at a time; further ones are closed at once.',
  },
  addressConnectionsOption,
  rateBytesOption,
  rateBurstOption,
  rateByOption,
  {
    name: 'requests_per_connection_max',
    type: 'integer',
    default: 100_000,
    min: 0,
    text: 'Close a connection after this many requests, so that clients spread over the nodes again. 0: no limit.',
  },
  {
    name: 'headers_timeout_ms',
    type: 'duration_ms',
    default: 10_000,
    min: 100,
    max: 600_000,
    text: 'Time for a request line and headers to arrive, and for a TLS handshake. Then 408.',
  },
  {
    name: 'request_timeout_ms',
    type: 'duration_ms',
    default: 60_000,
    min: 100,
    max: 3_600_000,
    text: 'Time for a whole request, body included, to arrive. Then 408.',
  },
  {
    name: 'keep_alive_ms',
    type: 'duration_ms',
    default: 75_000,
    min: 0,
    max: 3_600_000,
    text: 'How long an idle connection is kept. Set it longer than the idle timeout of a load balancer in front of the listener.',
  },
  {
    name: 'token',
    type: 'string',
    default: null,
    secret: true,
    text: 'Bearer token that requests must carry (`Authorization: Bearer …`); otherwise 401. Use it only with https.',
  },
  {
    name: 'certificate',
    type: 'string',
    default: null,
    text: 'Path of the PEM certificate chain; required for https.',
    example: '/etc/penstock/tls/chain.pem',
  },
  {
    name: 'key',
    type: 'string',
    default: null,
    text: 'Path of the PEM private key; required for https.',
    example: '/etc/penstock/tls/key.pem',
  },
  {
    name: 'client_ca',
    type: 'string',
    default: null,
    text: 'Path of a PEM bundle: clients must then show a certificate signed by one of these authorities (mutual TLS).',
  },
];

/** The options of one listener, typed. */
export interface HttpSettings {
  readonly bodyBytesMax: number;
  readonly compressionRatioMax: number;
  readonly bodiesBytesMax: number;
  readonly connectionsMax: number;
  readonly addressConnectionsMax: number;
  /** Bytes of bodies, as sent, of one sender. */
  readonly rate: RateLimit | undefined;
  readonly rateByCertificate: boolean;
  readonly requestsPerConnectionMax: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly token: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
  readonly clientCa: string | null;
  readonly frameBytesMax: number;
  readonly stopTimeoutMs: number;
}

/** What would not be as it was meant to be. */
export function optionMistakes({ scheme, options: given }: ListenerSpec): string[] {
  const tls = ['certificate', 'key', 'client_ca'].filter((name) => given[name] !== undefined);
  return [
    ...(scheme === 'http' && tls.length > 0
      ? [`https, or without ${tls.join(' and ')}: http has no certificates`]
      : []),
    ...(/\s/.test(String(given.token ?? '')) ? ['one whose token has no blanks'] : []),
  ];
}

export function settingsOf(listener: ListenerSpec, limits: SourceContext['limits']): HttpSettings {
  const given = (name: string) =>
    listener.options[name] ?? options.find((option) => option.name === name)?.default ?? null;
  const number = (name: string) => Number(given(name));
  const text = (name: string) => (given(name) === null || given(name) === '' ? null : String(given(name)));
  const bodyBytesMax = number('body_bytes_max');
  return {
    bodyBytesMax,
    compressionRatioMax: number('compression_ratio_max'),
    bodiesBytesMax: Math.max(number('bodies_bytes_max'), bodyBytesMax),
    connectionsMax: number('connections_max'),
    addressConnectionsMax: number('address_connections_max'),
    rate: rateOf(listener, 'rate_bytes'),
    rateByCertificate: given('rate_by') === 'certificate',
    requestsPerConnectionMax: number('requests_per_connection_max'),
    headersTimeoutMs: number('headers_timeout_ms'),
    requestTimeoutMs: Math.max(number('request_timeout_ms'), number('headers_timeout_ms')),
    keepAliveMs: number('keep_alive_ms'),
    token: text('token'),
    certificate: text('certificate'),
    key: text('key'),
    clientCa: text('client_ca'),
    frameBytesMax: limits.messageBytesMax,
    stopTimeoutMs: 5_000,
  };
}
