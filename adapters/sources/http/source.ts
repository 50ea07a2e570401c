/** Events over HTTP: POST /ingest, answered when they are durable. See README.md. */
import type { ListenerSpec, Source, SourceContext, SourceType } from '../../../engine/contracts.js';
import { options, settingsOf } from './options.js';
import { makeServer, refreshedTls } from './server.js';
import { listen, stop } from './serving.js';

export const source: SourceType = {
  name: 'http',
  schemes: ['http', 'https'],
  defaultPort: 8080,
  format: 'json',
  options,
  create(listener: ListenerSpec, context: SourceContext): Source {
    const settings = settingsOf(listener, context);
    const server = makeServer(listener, settings, context);
    return {
      listener,
      ...(listener.scheme === 'https' && { refresh: () => refreshedTls(listener, settings, server) }),
      start: () => listen(server, listener),
      stop: () => stop(server, settings.stopTimeoutMs),
    };
  },
};
