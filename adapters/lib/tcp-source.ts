/** A source of byte streams over TCP, received by the native threads. */
import type { SourceType } from '../../engine/contracts.js';
import { rateOf } from './rates.js';
import { connectionBuffers, type StreamType, streamLimits, streamOptions } from './stream-options.js';

/** Connection and place in tables (native/src/io/connection.h); frames come on top. */
const tcpConnectionBytes = 512;

export function tcpSource(type: StreamType): SourceType {
  return {
    name: type.name,
    schemes: [type.scheme],
    defaultPort: type.defaultPort,
    format: type.format,
    options: streamOptions,
    partialFrames: true,
    buffers: (listener, limits) => connectionBuffers(listener, limits, tcpConnectionBytes),
    create: (listener, { receivers, limits }) => ({
      listener,
      start: async () => receivers.listenTcp(listener, { framing: type.framing, ...streamLimits(listener, limits) }),
      retune: (changed) => receivers.setRates(listener.index, { bytes: rateOf(changed, 'rate_bytes') }),
      stop: () => receivers.close(listener.index),
    }),
  };
}
