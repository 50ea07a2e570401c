/** Of /metrics: what compression does, by route and by worker. */
import { dictionaryName } from '../../native/dictionaries.js';
import type { EngineReadings } from '../readings.js';
import type { Labels, PrometheusText } from './prometheus.js';

type Route = EngineReadings['compression']['routes'][number];

export function writeCompression(text: PrometheusText, { compression }: EngineReadings): void {
  const { routes, workers, dictionaries } = compression;
  const each = (pick: (route: Route) => number): (readonly [Labels, number])[] =>
    routes.map((route) => [{ route: route.route }, pick(route)]);
  const worker = (pick: (figures: (typeof workers)[number]) => number): (readonly [Labels, number])[] =>
    workers.map((figures, index) => [{ worker: index }, pick(figures)]);
  text.counter(
    'penstock_compression_in_bytes_total',
    'Batches before compression, by route: a topic that rules choose, or all; with PENSTOCK_ENCODING=frames a listener.',
    each((route) => route.bytesIn),
  );
  text.counter(
    'penstock_compression_out_bytes_total',
    'The same batches after it, those left as they were included.',
    each((route) => route.bytesOut),
  );
  text.gauge(
    'penstock_compression_route_ratio',
    'In over out, since the start.',
    each((route) => (route.bytesOut === 0 ? 0 : route.bytesIn / route.bytesOut)),
  );
  text.counter(
    'penstock_compression_seconds_total',
    'Time spent compressing.',
    each((route) => route.nanoseconds / 1e9),
  );
  text.gauge(
    'penstock_compression_seconds_per_byte',
    'Time for a byte that was compressed, since the start.',
    each((route) => (route.packedBytesIn === 0 ? 0 : route.nanoseconds / route.packedBytesIn / 1e9)),
  );
  text.gauge(
    'penstock_compression_level',
    'Level of the last batch; of several workers, the lowest.',
    each((route) => route.level),
  );
  text.counter(
    'penstock_compression_batches_total',
    'Batches.',
    each((route) => route.batches),
  );
  text.counter(
    'penstock_compression_skipped_batches_total',
    'Batches left as they were, by reason: small (PENSTOCK_COMPRESSION_MIN_BYTES), incompressible (they look it), gain (too little).',
    routes.flatMap((route) => [
      [{ route: route.route, reason: 'small' }, route.skippedSmall],
      [{ route: route.route, reason: 'incompressible' }, route.skippedIncompressible],
      [{ route: route.route, reason: 'gain' }, route.skippedGain],
    ]),
  );
  const withDictionary = routes.filter(({ dictionary }) => dictionary > 0);
  text.gauge(
    'penstock_compression_dictionary_info',
    'The dictionary that small frames of a route are compressed with.',
    withDictionary.map(({ route, dictionary }) => [{ route, dictionary: dictionaryName(dictionary) }, 1]),
  );
  text.counter(
    'penstock_compression_dictionary_tried_bytes_total',
    'What texts of frames came to that were compressed both ways, one in 64: without the dictionary, and with it.',
    withDictionary.flatMap((route) => [
      [{ route: route.route, way: 'without' }, route.dictionaryBytesIn],
      [{ route: route.route, way: 'with' }, route.dictionaryBytesOut],
    ]),
  );
  text.counter(
    'penstock_dictionary_trainings_total',
    'Dictionaries trained, and of these taken into use (promoted) or not (declined: they gain too little); and tries that failed.',
    Object.entries(dictionaries ?? {}).map(([result, times]) => [{ result }, times]),
  );
  text.gauge(
    'penstock_worker_compression_level',
    'Level that the load of a worker allows now.',
    worker((figures) => figures.level),
  );
  text.gauge(
    'penstock_worker_busy_ratio',
    'Share of the time in which a worker had something to do; of the last 100 ms.',
    worker((figures) => figures.busy),
  );
  text.gauge(
    'penstock_worker_compression_ratio',
    'Share of the time in which a worker compressed.',
    worker((figures) => figures.packing),
  );
  text.gauge(
    'penstock_worker_backlog_ratio',
    'What the fullest ring of a worker holds unread, over its size.',
    worker((figures) => figures.backlog),
  );
  text.counter(
    'penstock_worker_compression_level_changes_total',
    'Times a worker chose another level.',
    worker((figures) => figures.levelChanges),
  );
}
