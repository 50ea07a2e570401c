/** A topic to read, named as the Kafka sink names it: what works in PENSTOCK_DELIVER works here. */
import { readFileSync } from 'node:fs';
import type { KafkaConfig, SASLOptions } from 'kafkajs';
import { readSettings, settingsMistakes } from '../../adapters/sinks/kafka/settings.js';
import { sink } from '../../adapters/sinks/kafka/sink.js';
import { readSinks } from '../config/sinks.js';
import { bracketed } from '../config/url-list.js';
import type { SinkSpec } from '../contracts.js';
import { OperatingError } from '../errors.js';

export interface KafkaTopic {
  readonly config: Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'>;
  readonly topic: string;
  readonly dictionaryTopic: string;
}

/** @throws OperatingError TAIL_URL: every mistake in the URL and the files it names */
export function readKafkaUrl(url: string, env: NodeJS.ProcessEnv = process.env): KafkaTopic {
  const mistakes: string[] = [];
  const [spec] = readSinks(url, [sink], (_, allowed) => mistakes.push(allowed));
  if (spec !== undefined) mistakes.push(...settingsMistakes(spec, env));
  if (spec === undefined || mistakes.length > 0) throw wrong(`--from must be ${mistakes.join('; and ')}`);
  const { bootstrap, topics, connection, dictionaryTopic } = readSettings(spec, env);
  const [topic = '', ...more] = topics;
  if (more.length > 0) throw wrong(`--from names ${topics.length} topics`);
  const brokers = bootstrap.map(({ host, port }) => `${bracketed(host)}:${port}`);
  const sasl = saslOf(spec, env);
  return { config: { brokers, ssl: connection.tls ?? false, ...(sasl && { sasl }) }, topic, dictionaryTopic };
}

function saslOf({ options }: SinkSpec, env: NodeJS.ProcessEnv): SASLOptions | null {
  const mechanism = String(options.sasl_mechanism ?? 'none').toLowerCase();
  if (mechanism === 'none') return null;
  const given = String(options.password ?? '') || env.PENSTOCK_KAFKA_PASSWORD || '';
  const file = String(options.password_file ?? '');
  const secret = () => (given !== '' || file === '' ? given : readFileSync(file, 'utf8').trimEnd());
  if (mechanism === 'oauthbearer') return { mechanism, oauthBearerProvider: async () => ({ value: secret() }) };
  return { mechanism, username: String(options.username ?? ''), password: secret() } as SASLOptions;
}

function wrong(message: string): OperatingError {
  return new OperatingError(
    'TAIL_URL',
    message,
    'write --from kafka://host:9092/topic, with the options of the Kafka sink',
  );
}
