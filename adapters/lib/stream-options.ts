/** Options that every source of byte streams has. */
import type { OptionSpec } from '../../engine/config/option.js';
import type {
  BufferLimits,
  BufferTerm,
  FormatName,
  ListenerSpec,
  SourceContext,
  TcpSettings,
} from '../../engine/contracts.js';
import { rateBurstOption, rateBytesOption, rateOf } from './rates.js';

/** What makes one kind of source of byte streams another. */
export interface StreamType {
  readonly name: string;
  readonly scheme: string;
  readonly defaultPort: number;
  readonly format: FormatName;
  readonly framing: TcpSettings['framing'];
}

export const addressConnectionsOption: OptionSpec = {
  name: 'address_connections_max',
  type: 'integer',
  default: null,
  min: 1,
  max: 1_000_000,
  text: 'Connections from one address (IPv6: one /64) at a time; further ones are closed at once and counted. Default: no limit, as relays and load balancers need.',
  example: '100',
};

/** As long as an idle connection is kept: some senders end a message only when they begin the next. */
const frameTimeoutDefaultMs = 600_000;

export const streamOptions: readonly OptionSpec[] = [
  {
    name: 'connections_max',
    type: 'integer',
    default: null,
    min: 1,
    max: 1_000_000,
    text: 'Connections at a time, instead of PENSTOCK_CONNECTIONS_MAX; further ones are closed at once and counted.',
    example: '50000',
  },
  addressConnectionsOption,
  {
    name: 'idle_timeout_ms',
    type: 'duration_ms',
    default: null,
    min: 0,
    max: 604_800_000,
    text: 'Close connections on which nothing arrives for this long, instead of PENSTOCK_IDLE_TIMEOUT_MS. What was received is kept. 0: never.',
    example: '60000',
  },
  {
    name: 'frame_timeout_ms',
    type: 'duration_ms',
    default: frameTimeoutDefaultMs,
    min: 0,
    max: 604_800_000,
    text: 'Close a connection if a message is not complete within this time. What was received of it is kept. 0: never. A short time stops slow-drip senders, but also those that end a line only when the next one begins.',
  },
  rateBytesOption,
  rateBurstOption,
];

const connectionsMaxDefault = 10_000;

/** The listener's own limits, else the process's. */
export function streamLimits(listener: ListenerSpec, limits: SourceContext['limits']): Omit<TcpSettings, 'framing'> {
  const { options } = listener;
  const rate = rateOf(listener, 'rate_bytes');
  return {
    connectionsMax: Number(options.connections_max ?? limits.connectionsMax ?? connectionsMaxDefault),
    idleTimeoutMs: Number(options.idle_timeout_ms ?? limits.idleTimeoutMs ?? 0),
    frameTimeoutMs: Number(options.frame_timeout_ms ?? frameTimeoutDefaultMs),
    addressConnectionsMax: Number(options.address_connections_max ?? 0),
    ...(rate === undefined ? {} : { rate }),
  };
}

/** What so many connections hold beside their frames. */
export function connectionBuffers(listener: ListenerSpec, limits: BufferLimits, bytesEach: number): BufferTerm[] {
  const { connectionsMax } = streamLimits(listener, { messageBytesMax: 0, connectionsMax: limits.connectionsMax });
  return [{ name: 'connections', bytes: connectionsMax * bytesEach, lowerBy: 'connections_max of the listener' }];
}
