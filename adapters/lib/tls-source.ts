/** A source of byte streams over TLS, received and decrypted by the native threads. */
import type { SourceType } from '../../engine/contracts.js';
import { certificateEndsMs } from './pem-files.js';
import { rateOf } from './rates.js';
import { connectionBuffers, type StreamType, streamLimits } from './stream-options.js';
import { tlsMistakes, tlsOptions, tlsSettings } from './tls-options.js';

/** State of TLS, the record under way and a certificate of the peer: with room to spare above what was measured (docs/decisions/tls-receivers.md). */
const tlsConnectionBytes = 48 * 1024;

export function tlsSource(type: StreamType): SourceType {
  return {
    name: type.name,
    schemes: [type.scheme],
    defaultPort: type.defaultPort,
    format: type.format,
    options: tlsOptions,
    partialFrames: true,
    buffers: (listener, limits) => connectionBuffers(listener, limits, tlsConnectionBytes),
    mistakes: tlsMistakes,
    create: (listener, { receivers, limits }) => {
      const tls = tlsSettings(listener); // what is wrong with the files shows before anything is opened
      let endsMs = certificateEndsMs(tls.certificate);
      return {
        listener,
        start: async () =>
          receivers.listenTcp(listener, { framing: type.framing, tls, ...streamLimits(listener, limits) }),
        refresh: () => {
          const renewed = tlsSettings(listener);
          const put = receivers.renewTls(listener, renewed);
          return () => {
            put();
            endsMs = certificateEndsMs(renewed.certificate);
          };
        },
        certificateEndsMs: () => endsMs,
        retune: (changed) => receivers.setRates(listener.index, { bytes: rateOf(changed, 'rate_bytes') }),
        stop: () => receivers.close(listener.index),
      };
    },
  };
}
