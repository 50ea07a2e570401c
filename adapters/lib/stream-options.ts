/** Options that every source of byte streams has. */
import type { OptionSpec } from '../../engine/config/option.js';
import type { ListenerSpec, SourceContext } from '../../engine/contracts.js';

export const streamOptions: readonly OptionSpec[] = [
  {
    name: 'connections_max',
    type: 'integer',
    default: null,
    min: 1,
    max: 1_000_000,
    text: 'Connections at a time, instead of PENSTOCK_CONNECTIONS_MAX; more are closed at once and counted.',
    example: '50000',
  },
  {
    name: 'idle_timeout_ms',
    type: 'duration_ms',
    default: null,
    min: 0,
    max: 604_800_000,
    text: 'A connection on which nothing came for so long is closed, instead of PENSTOCK_IDLE_TIMEOUT_MS; what it had sent is kept. 0: never.',
    example: '60000',
  },
];

const connectionsMaxDefault = 10_000;

/** The listener's own limits, else the process's. */
export function streamLimits(
  listener: ListenerSpec,
  limits: SourceContext['limits'],
): { connectionsMax: number; idleTimeoutMs: number } {
  const { connections_max: connectionsMax, idle_timeout_ms: idleTimeoutMs } = listener.options;
  return {
    connectionsMax: Number(connectionsMax ?? limits.connectionsMax ?? connectionsMaxDefault),
    idleTimeoutMs: Number(idleTimeoutMs ?? limits.idleTimeoutMs ?? 0),
  };
}
