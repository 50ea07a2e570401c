/** What the workers' compression did and does, read from shared memory when it is asked for. */

import type { Settings } from './config/settings.js';
import type { Dictionaries } from './dictionaries/dictionaries.js';
import type { EngineMemory } from './memory.js';
import type { CompressionReadings, ListenerReading } from './readings.js';
import { CompressionFigures, type RouteFigures, routesMax, totalRoute } from './telemetry/compression-block.js';

/** The route where there is but one. */
const only = 'all';

export function compressionReadings(
  settings: Pick<Settings, 'compression' | 'encoding' | 'enrich'>,
  { compressionFigures }: Pick<EngineMemory, 'compressionFigures'>,
  { open }: { readonly open: readonly Pick<ListenerReading, 'spec'>[] },
  dictionaries: Pick<Dictionaries, 'readings'> | null,
): CompressionReadings {
  const figures = compressionFigures.map((block) => new CompressionFigures(block));
  const topics = settings.enrich.topics.find(({ length }) => length > 1) ?? [only];
  const name = (route: number): string => {
    if (settings.encoding !== 'frames') return topics[route] ?? `route ${route}`;
    return open.find(({ spec }) => spec.index === route)?.spec.url ?? `listener ${route}`;
  };
  const total = (route: number): RouteFigures => totalRoute(figures.map((each) => each.route(route)));
  return {
    codec: settings.compression,
    dictionaries: dictionaries?.readings ?? null,
    workers: figures.map((each) => each.worker()),
    routes: Array.from({ length: routesMax }, (_, route) => ({ route: name(route), ...total(route) })).filter(
      ({ batches }) => batches > 0,
    ),
  };
}
