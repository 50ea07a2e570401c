import { readFileSync } from 'node:fs';
import type { SinkSpec } from '../../../engine/contracts.js';
import { OperatingError } from '../../../engine/errors.js';
import { type NamedFile, pemMistakes } from '../../lib/pem-files.js';
import { options } from './options.js';
import type { Endpoint } from './wire/connect.js';
import type { ConnectionSettings } from './wire/connection.js';
import type { SaslMechanism } from './wire/sasl/mechanism.js';
import { oauthbearer } from './wire/sasl/oauthbearer.js';
import { plain } from './wire/sasl/plain.js';
import { scram } from './wire/sasl/scram.js';

/** A sink URL, understood. */
export interface KafkaSettings {
  readonly bootstrap: readonly Endpoint[];
  /** By route index; routes beyond the list go to the first. */
  readonly topics: readonly string[];
  /** Compacted: dictionaries of frames. */
  readonly dictionaryTopic: string;
  readonly connection: ConnectionSettings;
  readonly create: { readonly partitions: number; readonly replication: number } | null;
  readonly backoffMaxMs: number;
  readonly inFlightBytesMax: number;
  /** To each broker. */
  readonly connections: number;
  /** 0: for ever. */
  readonly deniedWaitMs: number;
  readonly transactions: boolean;
  readonly transactionIntervalMs: number;
  readonly transactionTimeoutMs: number;
}

/** Takes the URL apart. Throws OperatingError for what no retry can mend: names, contradictions, unreadable files. */
export function readSettings(spec: SinkSpec, env: NodeJS.ProcessEnv = process.env): KafkaSettings {
  const option = (name: string) => spec.options[name] ?? options.find((known) => known.name === name)?.default ?? '';
  const security = resolveSecurity(spec, String(option('security')), String(option('sasl_mechanism')));
  refuseUnused(spec, security);
  const file = (name: string) => readPem(spec, name, String(option(name)));
  return {
    bootstrap: readBootstrap(spec),
    topics: readTopics(spec, spec.path.replace(/^\//, '')),
    dictionaryTopic: readTopics(spec, String(option('dictionary_topic')))[0] as string,
    connection: {
      clientId: String(option('client_id')),
      tls: security.tls
        ? {
            ...file('ca'),
            ...file('cert'),
            ...file('key'),
            minVersion: option('tls_min') === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
          }
        : null,
      sasl: security.mechanism === 'none' ? null : saslOf(spec, security.mechanism, option, env),
      connectTimeoutMs: Number(option('connect_timeout_ms')),
      requestTimeoutMs: Number(option('request_timeout_ms')),
    },
    create:
      option('create_topics') === true
        ? { partitions: Number(option('partitions')), replication: Number(option('replication')) }
        : null,
    backoffMaxMs: Number(option('retry_backoff_max_ms')),
    inFlightBytesMax: Number(option('in_flight_bytes_max')),
    connections: Number(option('connections')),
    deniedWaitMs: Number(option('denied_wait_ms')),
    transactions: option('transactions') === true,
    transactionIntervalMs: Number(option('transaction_interval_ms')),
    transactionTimeoutMs: Number(option('transaction_timeout_ms')),
  };
}

/** What is wrong with a URL and the files it names: each completes "must be". */
export function settingsMistakes(spec: SinkSpec, env: NodeJS.ProcessEnv = process.env): string[] {
  const { cert, key } = spec.options;
  const file = (name: string): NamedFile | undefined =>
    spec.options[name] ? { name, path: String(spec.options[name]) } : undefined;
  const [certificate, own, authorities] = [file('cert'), file('key'), file('ca')];
  const mistakes: string[] = [];
  try {
    if (readSettings(spec, env).connection.tls === null) return [];
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    // What is wrong with PEM files is said below, of each.
    if (!/^sink \S+: (ca|cert|key) file /.test(error.message))
      mistakes.push(`one that can be used: ${error.message.replace(/^sink \S+: /, '')}; ${error.remedy}`);
  }
  if (!cert !== !key) mistakes.push('one with both cert=PATH and key=PATH, or with neither');
  const files = { ...(certificate && { certificate }), ...(own && { key: own }), ...(authorities && { authorities }) };
  return [...mistakes, ...pemMistakes(files)];
}

function wrong(spec: SinkSpec, what: string, remedy: string): OperatingError {
  return new OperatingError('KAFKA_SETTINGS', `sink ${spec.url}: ${what}`, remedy);
}

function readBootstrap(spec: SinkSpec): Endpoint[] {
  const names = spec.authority.split(',').filter((name) => name !== '');
  if (names.length === 0) throw wrong(spec, 'no broker is named', 'write kafka://host:9092,host:9092/topic');
  return names.map((name) => {
    const match = /^(?:\[(?<ipv6>[0-9a-fA-F:.]+)\]|(?<host>[^:[\]]+))(?::(?<port>\d{1,5}))?$/.exec(name);
    const port = Number(match?.groups?.port ?? 9092);
    const host = match?.groups?.ipv6 ?? match?.groups?.host;
    if (host === undefined || port < 1 || port > 65535)
      throw wrong(spec, `'${name}' is not a broker`, 'write host, host:port or [IPv6]:port');
    return { host, port };
  });
}

function readTopics(spec: SinkSpec, names: string): string[] {
  const topics = names.split(',');
  for (const topic of topics)
    if (!/^[A-Za-z0-9._-]{1,249}$/.test(topic) || topic === '.' || topic === '..')
      throw wrong(
        spec,
        `'${topic}' is not a topic name`,
        'write kafka://host:9092/topic with letters, digits, dots, underscores and hyphens (249 at most)',
      );
  return topics;
}

function resolveSecurity(spec: SinkSpec, security: string, mechanism: string): { tls: boolean; mechanism: string } {
  const secureScheme = spec.scheme === 'kafkas';
  if (security === 'auto') return { tls: secureScheme, mechanism };
  const tls = security.endsWith('tls');
  const sasl = security.startsWith('sasl');
  if (secureScheme && !tls)
    throw wrong(spec, `kafkas:// contradicts security=${security}`, 'use kafka:// or security=tls');
  if (sasl && mechanism === 'none')
    throw wrong(spec, `security=${security} without sasl_mechanism`, 'add e.g. sasl_mechanism=SCRAM-SHA-512');
  if (!sasl && mechanism !== 'none')
    throw wrong(spec, `sasl_mechanism=${mechanism} contradicts security=${security}`, `use security=sasl_${security}`);
  return { tls, mechanism };
}

/**
 * Who names a password or an authority means them to be used: without a word the connection would be open to all. And who names a number
 * of partitions would find another one.
 */
function refuseUnused(spec: SinkSpec, { tls, mechanism }: { tls: boolean; mechanism: string }): void {
  const first = (names: readonly string[]): string | undefined => names.find((name) => spec.options[name]);
  const credential = mechanism === 'none' ? first(['username', 'password', 'password_file']) : undefined;
  if (credential !== undefined)
    throw wrong(spec, `${credential}= is not used without sasl_mechanism`, 'add e.g. sasl_mechanism=SCRAM-SHA-512');
  const file = tls ? undefined : first(['ca', 'cert', 'key']);
  if (file !== undefined) throw wrong(spec, `${file}= is not used without TLS`, 'write kafkas:// instead of kafka://');
  const isOther = (name: string) =>
    spec.options[name] !== undefined && spec.options[name] !== options.find((known) => known.name === name)?.default;
  const ofTopics = spec.options.create_topics ? undefined : ['partitions', 'replication'].find(isOther);
  if (ofTopics !== undefined)
    throw wrong(spec, `${ofTopics}= is not used without create_topics`, 'add create_topics=true, or leave it out');
}

function readPem(spec: SinkSpec, name: string, path: string): Record<string, string> {
  if (path === '') return {};
  try {
    return { [name]: readFileSync(path, 'utf8') };
  } catch (error) {
    throw wrong(spec, `${name} file ${path}: ${(error as Error).message}`, 'correct the path or its permissions');
  }
}

function saslOf(
  spec: SinkSpec,
  mechanism: string,
  option: (name: string) => string | number | boolean,
  env: NodeJS.ProcessEnv,
): () => SaslMechanism {
  const username = String(option('username'));
  const path = String(option('password_file'));
  const secret = () => {
    const given = String(option('password')) || env.PENSTOCK_KAFKA_PASSWORD || '';
    return given !== '' || path === '' ? given : readFileSync(path, 'utf8').trimEnd();
  };
  let now = '';
  try {
    now = secret();
  } catch (error) {
    throw wrong(spec, `password_file: ${(error as Error).message}`, 'correct the path or its permissions');
  }
  if (now === '')
    throw wrong(spec, `${mechanism} needs a secret`, 'set PENSTOCK_KAFKA_PASSWORD, password_file= or password=');
  if (mechanism !== 'OAUTHBEARER' && username === '')
    throw wrong(spec, `${mechanism} needs username=`, 'add username=');
  switch (mechanism) {
    case 'PLAIN':
      return () => plain(username, secret());
    case 'SCRAM-SHA-256':
      return () => scram('sha256', username, secret());
    case 'SCRAM-SHA-512':
      return () => scram('sha512', username, secret());
    default:
      return () => oauthbearer(secret());
  }
}
