/** A source of byte streams over TCP, received by the native threads. */
import type { FormatName, SourceType, TcpSettings } from '../../engine/contracts.js';
import { streamLimits, streamOptions } from './stream-options.js';

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
    create: (listener, { receivers, limits }) => ({
      listener,
      start: async () => receivers.listenTcp(listener, { framing: type.framing, ...streamLimits(listener, limits) }),
      stop: () => receivers.close(listener.index),
    }),
  };
}
