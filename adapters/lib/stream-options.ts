/** Options that every source of byte streams has. */
import type { OptionSpec } from '../../engine/config/option.js';

export const streamOptions: readonly OptionSpec[] = [
  {
    name: 'connections_max',
    type: 'integer',
    default: 20_000,
    min: 1,
    max: 1_000_000,
    text: 'Connections at a time; more are closed at once and counted. Each needs a file descriptor.',
  },
  {
    name: 'idle_timeout_ms',
    type: 'duration_ms',
    default: 0,
    min: 0,
    max: 604_800_000,
    text: 'A connection on which nothing came for so long is closed; what it had sent is kept. 0: never, as syslog senders expect.',
  },
];
