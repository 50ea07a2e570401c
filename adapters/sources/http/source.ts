/** Events over HTTP: POST /ingest, answered when they are durable. See README.md. */
import type { ListenerSpec, Source, SourceContext, SourceType } from '../../../engine/contracts.js';
import { rateOf } from '../../lib/rates.js';
import { tlsMistakes } from '../../lib/tls-options.js';
import { avroBodies } from './avro.js';
import { decodingMax } from './handler.js';
import { optionMistakes, options, settingsOf } from './options.js';
import { makeServer } from './server.js';
import { listen, stop } from './serving.js';
import { endOfCertificate, refreshedTls } from './tls.js';
import { WriterSchemas } from './writer-schemas.js';

/** Parser, headers and the read under way. */
const connectionBytes = 24 * 1024;

export const source: SourceType = {
  name: 'http',
  schemes: ['http', 'https'],
  defaultPort: 8080,
  format: 'json',
  options,
  buffers(listener) {
    const { bodiesBytesMax, bodyBytesMax, connectionsMax } = settingsOf(listener, { messageBytesMax: 0 });
    return [
      { name: 'bodies', bytes: bodiesBytesMax, lowerBy: 'bodies_bytes_max of the listener' },
      {
        name: 'decompression',
        bytes: (decodingMax + avroBodies) * bodyBytesMax,
        lowerBy: 'body_bytes_max of the listener',
      },
      { name: 'connections', bytes: connectionsMax * connectionBytes, lowerBy: 'connections_max of the listener' },
    ];
  },
  mistakes: (listener) => [...optionMistakes(listener), ...(listener.scheme === 'https' ? tlsMistakes(listener) : [])],
  create(listener: ListenerSpec, context: SourceContext): Source {
    const settings = settingsOf(listener, context.limits);
    const avro = new WriterSchemas(listener, context.writerSchemas);
    const { server, connections } = makeServer(listener, settings, context, avro);
    return {
      listener,
      refresh: () => {
        const inForce = [avro.refreshed()];
        if (listener.scheme === 'https') inForce.push(refreshedTls(listener, settings, server));
        return () => {
          for (const put of inForce) put();
        };
      },
      ...(listener.scheme === 'https' && { certificateEndsMs: () => endOfCertificate(server) }),
      retune: (changed) => connections.limit(rateOf(changed, 'rate_bytes')),
      start: () => listen(server, listener),
      stop: () => stop(server, settings.stopTimeoutMs),
    };
  },
};
