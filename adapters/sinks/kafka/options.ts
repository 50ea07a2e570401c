import type { OptionSpec } from '../../../engine/config/option.js';

/** Query parameters of kafka:// and kafkas:// URLs. */
export const options: readonly OptionSpec[] = [
  {
    name: 'security',
    type: 'enum',
    values: ['auto', 'plaintext', 'tls', 'sasl_plaintext', 'sasl_tls'],
    default: 'auto',
    text: 'How to talk to the brokers; auto: TLS for kafkas://, SASL when sasl_mechanism is given.',
  },
  {
    name: 'sasl_mechanism',
    type: 'enum',
    values: ['none', 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'],
    default: 'none',
    text: 'How to authenticate; mutual TLS needs none, only cert and key.',
  },
  { name: 'username', type: 'string', default: '', text: 'User name for PLAIN and SCRAM.', example: 'penstock' },
  {
    name: 'password',
    type: 'string',
    default: '',
    secret: true,
    text: 'Password; better in the environment variable PENSTOCK_KAFKA_PASSWORD or in password_file.',
  },
  {
    name: 'password_file',
    type: 'string',
    default: '',
    text: 'File that holds the password, or the OAUTHBEARER token; read anew for each connection.',
    example: '/run/secrets/kafka',
  },
  {
    name: 'ca',
    type: 'string',
    default: '',
    text: 'PEM file of the authorities that sign the brokers; default: the system’s.',
  },
  { name: 'cert', type: 'string', default: '', text: 'PEM file of our certificate, for mutual TLS.' },
  { name: 'key', type: 'string', default: '', text: 'PEM file of our private key, for mutual TLS.' },
  { name: 'tls_min', type: 'enum', values: ['1.2', '1.3'], default: '1.2', text: 'Lowest TLS version.' },
  { name: 'client_id', type: 'string', default: 'penstock', text: 'Name in the brokers’ logs, metrics and quotas.' },
  {
    name: 'create_topics',
    type: 'boolean',
    default: false,
    text: 'Create the topic when it is missing; otherwise wait for someone to create it.',
  },
  {
    name: 'dictionary_topic',
    type: 'string',
    default: 'penstock.dictionaries',
    text: 'Compacted topic for the dictionaries of frames (PENSTOCK_DICTIONARIES=on); with create_topics it is created when missing.',
  },
  { name: 'partitions', type: 'integer', default: 6, min: 1, max: 10_000, text: 'Partitions of a topic we create.' },
  {
    name: 'replication',
    type: 'integer',
    default: 3,
    min: 1,
    max: 32,
    text: 'Replicas of a topic we create; with 3 or more it gets min.insync.replicas=2.',
  },
  {
    name: 'denied_wait_ms',
    type: 'duration_ms',
    default: 300_000,
    min: 0,
    max: 86_400_000,
    text:
      'With several topics: how long events of one that is not there, or that the user may not write to, wait while the others are ' +
      'delivered, before they become dead letters; 0: for ever.',
  },
  {
    name: 'transactions',
    type: 'boolean',
    default: false,
    text: 'Deliver in transactions, for consumers that read only what is committed (isolation.level=read_committed).',
  },
  {
    name: 'transaction_interval_ms',
    type: 'duration_ms',
    default: 200,
    min: 1,
    max: 10_000,
    text: 'With transactions: how long one collects batches before it is committed.',
  },
  {
    name: 'transaction_timeout_ms',
    type: 'integer',
    default: 60_000,
    min: 1000,
    max: 900_000,
    text:
      'With transactions: the cluster gives one up that is open for longer (at most its transaction.max.timeout.ms). What a quarter of it does not ' +
      'suffice for goes into the next one.',
  },
  {
    name: 'request_timeout_ms',
    type: 'duration_ms',
    default: 30_000,
    min: 100,
    max: 300_000,
    text: 'How long a broker may take to answer before its connection is given up.',
  },
  {
    name: 'connect_timeout_ms',
    type: 'duration_ms',
    default: 10_000,
    min: 100,
    max: 120_000,
    text: 'How long connecting, TLS included, may take.',
  },
  {
    name: 'retry_backoff_max_ms',
    type: 'duration_ms',
    default: 10_000,
    min: 10,
    max: 300_000,
    text: 'Longest pause between two tries.',
  },
  {
    name: 'connections',
    type: 'integer',
    default: 4,
    min: 1,
    max: 8,
    text:
      'Connections to each broker, over which its partitions are spread: a broker works on one request of a connection at a time, which ' +
      'is what limits while a backlog drains.',
  },
  {
    name: 'in_flight_bytes_max',
    type: 'bytes',
    default: 64 << 20,
    min: 1 << 20,
    max: 4096 * (1 << 20),
    text: 'Most bytes handed over and not yet acknowledged; more helps on long distances.',
  },
];
