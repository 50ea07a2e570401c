/** /metrics of enrichment: what events got, and from which files. */
import type { EngineReadings } from '../readings.js';
import type { PrometheusText } from './prometheus.js';

export function writeEnrichment(text: PrometheusText, { enrichment, pipeline }: EngineReadings): void {
  const total = (name: string) => pipeline.totals[name] ?? 0;
  const { files, swaps, failures } = enrichment;
  const each = (pick: (file: (typeof files)[number]) => number) =>
    files.map((file) => [{ file: file.path, type: file.type }, pick(file)] as const);
  text.counter(
    'penstock_geoip_lookups_total',
    'Public addresses of events that were looked up.',
    total('geoip_lookups'),
  );
  text.counter('penstock_geoip_found_total', 'Of these, those that a database knows.', total('geoip_found'));
  text.counter(
    'penstock_geoip_cached_total',
    'Of these, answered from memory of the last addresses.',
    total('geoip_cached'),
  );
  text.counter(
    'penstock_geoip_damaged_total',
    'Records that could not be read: the file is damaged.',
    total('geoip_damaged'),
  );
  text.counter(
    'penstock_indicator_matches_total',
    'Values of events that a list of indicators has.',
    total('indicator_matches'),
  );
  text.counter('penstock_asset_matches_total', 'Values of events that a list of assets has.', total('asset_matches'));
  text.counter(
    'penstock_rule_matches_total',
    'Events that fit a rule, by its place and name; those behind the 63rd are counted together.',
    enrichment.ruleNames
      .slice(0, pipeline.rules.length)
      .map((name, i) => [{ rule: i === pipeline.rules.length - 1 ? 'others' : name }, pipeline.rules[i] ?? 0]),
  );
  text.counter('penstock_events_redacted_total', 'Events that rules took values out of.', total('events_redacted'));
  text.gauge(
    'penstock_list_entries',
    'Keys of a list in use.',
    enrichment.lists.map(({ kind, entries }) => [{ list: kind }, entries]),
  );
  text.gauge(
    'penstock_list_skipped',
    'Lines of a list in use that are no key.',
    enrichment.lists.map(({ kind, skipped }) => [{ list: kind }, skipped]),
  );
  text.gauge(
    'penstock_enrichment_file_bytes',
    'Files that events are enriched from.',
    each(({ bytes }) => bytes.length),
  );
  text.gauge(
    'penstock_enrichment_file_built_timestamp_seconds',
    'When the content of the file was made, as it says itself.',
    each(({ builtSeconds }) => builtSeconds),
  );
  text.gauge(
    'penstock_enrichment_file_loaded_timestamp_seconds',
    'When it was loaded.',
    each(({ loadedMs }) => loadedMs / 1000),
  );
  text.counter('penstock_enrichment_file_swaps_total', 'Times changed files were taken over.', swaps);
  text.counter('penstock_enrichment_file_failures_total', 'Times a changed file could not be taken over.', failures);
}
