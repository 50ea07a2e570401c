/** A source of byte streams over TCP, received by the native threads. */
import type { FormatName, SourceType, TcpSettings } from '../../engine/contracts.js';
import { streamOptions } from './stream-options.js';

export function tcpSource(type: {
  name: string;
  scheme: string;
  defaultPort: number;
  format: FormatName;
  framing: TcpSettings['framing'];
}): SourceType {
  return {
    name: type.name,
    schemes: [type.scheme],
    defaultPort: type.defaultPort,
    format: type.format,
    options: streamOptions,
    create: (listener, { receivers }) => ({
      listener,
      start: async () =>
        receivers.listenTcp(listener, {
          framing: type.framing,
          connectionsMax: Number(listener.options.connections_max ?? 20_000),
          idleTimeoutMs: Number(listener.options.idle_timeout_ms ?? 0),
        }),
      stop: () => receivers.close(listener.index),
    }),
  };
}
