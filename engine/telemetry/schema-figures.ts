/** /metrics of the schema registry. */
import type { EngineReadings } from '../readings.js';
import type { PrometheusText } from './prometheus.js';

export function writeSchemas(text: PrometheusText, { schemas }: EngineReadings): void {
  const { fingerprint, subjects } = schemas;
  text.gauge('penstock_schema_info', 'Fingerprint of the schema: the record header of that name.', [
    [{ schema: fingerprint }, 1],
  ]);
  text.gauge(
    'penstock_schema_registered',
    '1 when the registry has the schema under this subject.',
    subjects.map(({ name, state }) => [{ subject: name }, state === 'registered' ? 1 : 0]),
  );
  text.gauge(
    'penstock_schema_refused',
    '1 when the registry says that the schema may not follow the one it has.',
    subjects.map(({ name, state }) => [{ subject: name }, state === 'incompatible' ? 1 : 0]),
  );
  text.counter(
    'penstock_schema_registry_failures_total',
    'Times a subject was asked for in vain: the registry is down, or refuses.',
    subjects.map(({ name, failures }) => [{ subject: name }, failures]),
  );
}
