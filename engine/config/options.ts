/**
 * Every flag, once: names, defaults, bounds, --help and docs/reference/flags.md come from this table. It imports nothing but
 * types, so that tools read it without a build. Listeners and sinks have options of their own, in their URLs: adapters/.
 */
import type { OptionSpec } from './option.js';

export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionSpec[];
}

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

export const optionGroups: readonly OptionGroup[] = [
  {
    title: 'What comes in, where it goes',
    options: [
      {
        name: 'PENSTOCK_LISTEN',
        live: true,
        type: 'list',
        default: 'syslog+udp://127.0.0.1:5514,syslog+tcp://127.0.0.1:5514,http://127.0.0.1:8088',
        text: 'URLs to listen on; each kind has options of its own as query parameters (adapters/sources).',
        example: 'syslog+udp://0.0.0.0:514,syslog+tcp://0.0.0.0:601',
      },
      {
        name: 'PENSTOCK_DELIVER',
        live: true,
        type: 'list',
        default: 'store:./data',
        text: 'URLs to deliver to; every one gets every event (adapters/sinks).',
        example: 'kafka://b1:9092,b2:9092/security.events',
      },
      {
        name: 'PENSTOCK_DEAD_LETTER',
        type: 'string',
        default: null,
        text: 'A Kafka topic that also gets what sinks refuse for ever, with the reason in record headers; it is kept locally in any case.',
        example: 'kafka://b1:9092,b2:9092/security.dead-letters',
      },
      {
        name: 'PENSTOCK_ADMIN',
        type: 'string',
        default: '127.0.0.1:9600',
        text: 'Address of /metrics and /health, without authentication: keep it private. off: none.',
        example: '127.0.0.1:9600',
      },
      {
        name: 'PENSTOCK_DATA',
        type: 'string',
        default: './data',
        text: 'Directory of the journal, the delivery positions and the identity of this node; on a disk of its own under load.',
        example: '/var/lib/penstock',
      },
      {
        name: 'PENSTOCK_CONFIG',
        type: 'string',
        default: null,
        text: 'A YAML file with the same names; flags from the environment win.',
        example: '/etc/penstock/penstock.yaml',
      },
      {
        name: 'PENSTOCK_CONFIG_POLL_MS',
        type: 'duration_ms',
        default: 1000,
        min: 0,
        max: 3_600_000,
        text: 'How often to look whether the YAML file changed, and take it over if it did. 0: only on SIGHUP.',
      },
      {
        name: 'PENSTOCK_KAFKA_PASSWORD',
        type: 'string',
        default: null,
        secret: true,
        text: 'SASL password of Kafka sinks that name a user and neither password nor password_file.',
      },
    ],
  },
  {
    title: 'What an event becomes',
    options: [
      {
        name: 'PENSTOCK_ENCODING',
        type: 'enum',
        values: ['protobuf', 'json'],
        default: 'protobuf',
        text: 'Record values: LogEvent messages (schema/log_event.proto), or ECS JSON, which is larger and slower.',
      },
      {
        name: 'PENSTOCK_KEEP_ORIGINAL',
        type: 'enum',
        values: ['auto', 'always', 'never'],
        default: 'auto',
        text: 'Whether event.original holds the bytes received. auto: where parsing lost or failed on something.',
      },
      {
        name: 'PENSTOCK_PARTITIONING',
        type: 'string',
        default: 'sticky',
        text: 'How records choose a partition: sticky (whole batches in turn), source (by sender), field:<ECS name>.',
        example: 'field:host.hostname',
      },
      {
        name: 'PENSTOCK_TIME_ZONE',
        type: 'string',
        default: 'UTC',
        text: 'Zone of timestamps that name none (RFC 3164): UTC, an offset, or an IANA name at its offset of the start.',
        example: '+02:00',
      },
      {
        name: 'PENSTOCK_MESSAGE_BYTES_MAX',
        type: 'bytes',
        default: 64 * KiB,
        min: 1 * KiB,
        max: 1 * MiB,
        text: 'Longest message; the rest of a longer one is cut, marked and counted. RFC 5425 asks for 8 KiB at least.',
      },
      {
        name: 'PENSTOCK_JSON_DEPTH_MAX',
        type: 'integer',
        default: 32,
        min: 1,
        max: 512,
        text: 'Deepest nesting of a JSON event; what lies deeper is kept as text.',
      },
    ],
  },
  {
    title: 'Batches',
    options: [
      {
        name: 'PENSTOCK_COMPRESSION',
        type: 'enum',
        values: ['zstd', 'lz4', 'gzip', 'none'],
        default: 'zstd',
        text: 'Codec of record batches, as Kafka names them. lz4 costs less CPU, zstd less disk and network.',
      },
      {
        name: 'PENSTOCK_COMPRESSION_LEVEL',
        type: 'integer',
        default: null,
        min: -7,
        max: 19,
        text: 'Level of the codec: zstd -7 to 19 (default 1), lz4 0 to 12 (0), gzip 0 to 9 (1).',
      },
      {
        name: 'PENSTOCK_BATCH_BYTES',
        type: 'bytes',
        default: 704 * KiB,
        min: 4 * KiB,
        max: 64 * MiB,
        text: 'Encoded bytes, before compression, at which a batch is closed. Larger ones compress better and arrive later.',
      },
      {
        name: 'PENSTOCK_BATCH_BYTES_MAX',
        type: 'bytes',
        default: 960 * KiB,
        min: 4 * KiB,
        max: 128 * MiB,
        text: 'Largest batch before compression. The default stays below what a Kafka broker takes unless told otherwise (1 MiB).',
      },
      {
        name: 'PENSTOCK_LINGER_MS',
        type: 'duration_ms',
        default: 5,
        min: 0,
        max: 10_000,
        text: 'Longest time an event waits for its batch to fill.',
      },
    ],
  },
  {
    title: 'Journal',
    options: [
      {
        name: 'PENSTOCK_DURABILITY',
        type: 'enum',
        values: ['flush', 'fsync'],
        default: 'flush',
        text: 'What acknowledged means: written to the kernel (survives the process), or synced to the disk (survives the machine).',
      },
      {
        name: 'PENSTOCK_FSYNC_INTERVAL_MS',
        type: 'duration_ms',
        default: 10,
        min: 1,
        max: 10_000,
        text: 'With fsync: how long events wait so that one sync covers many.',
      },
      {
        name: 'PENSTOCK_JOURNAL_BYTES_MAX',
        type: 'bytes',
        default: 16 * GiB,
        min: 64 * MiB,
        max: 1024 * 1024 * GiB,
        text: 'Space of what is not yet delivered. Full: TCP senders are held back, HTTP is answered 503, UDP is lost and counted.',
      },
      {
        name: 'PENSTOCK_REMOVED_SINK_KEEP_MS',
        type: 'duration_ms',
        default: 86_400_000,
        min: 0,
        max: 31_536_000_000,
        text: 'How long the journal keeps what a sink no longer configured had not got, so that it can resume; less when full.',
      },
      {
        name: 'PENSTOCK_JOURNAL_WHEN_FULL',
        type: 'enum',
        values: ['block', 'drop_newest'],
        default: 'block',
        text: 'At that limit: hold senders back, or throw away and count what comes (HTTP is answered 503 all the same).',
      },
      {
        name: 'PENSTOCK_JOURNAL_RESERVE_BYTES',
        type: 'bytes',
        default: 16 * MiB,
        min: 0,
        max: 2 * GiB,
        text: 'Disk space that each worker reserves ahead at a time (fallocate). 0: none.',
      },
      {
        name: 'PENSTOCK_SEGMENT_BYTES',
        type: 'bytes',
        default: 128 * MiB,
        min: 1 * MiB,
        max: 2 * GiB,
        text: 'Size at which a journal file is closed; space is freed by whole files.',
      },
    ],
  },
  {
    title: 'Threads and memory',
    options: [
      {
        name: 'PENSTOCK_WORKERS',
        type: 'integer',
        default: 0,
        min: 0,
        max: 256,
        text: 'Threads that parse, encode and compress. 0: one less than the CPUs, at least 1.',
      },
      {
        name: 'PENSTOCK_RECEIVERS',
        type: 'integer',
        default: 1,
        min: 1,
        max: 64,
        text: 'Threads that read sockets. More for much UDP; each has a ring to every worker.',
      },
      {
        name: 'PENSTOCK_RING_BYTES',
        type: 'bytes',
        default: 4 * MiB,
        min: 1 * MiB,
        max: 1 * GiB,
        text: 'Buffer between one receiver and one worker; a power of two.',
      },
      {
        name: 'PENSTOCK_CPU_PIN',
        type: 'list',
        default: null,
        text: 'CPUs to bind threads to: receivers first, then workers.',
        example: '0,2-5',
      },
    ],
  },
  {
    title: 'Limits and operation',
    options: [
      {
        name: 'PENSTOCK_CONNECTIONS_MAX',
        type: 'integer',
        default: 10_000,
        min: 1,
        max: 1_000_000,
        text: 'TCP connections of one listener at a time; more are refused and counted.',
      },
      {
        name: 'PENSTOCK_CONNECTIONS_TOTAL_MAX',
        type: 'integer',
        default: 0,
        min: 0,
        max: 1_000_000,
        text: 'Connections of all listeners at a time; more are refused and counted. 0: as many as file descriptors allow.',
      },
      {
        name: 'PENSTOCK_IDLE_TIMEOUT_MS',
        type: 'duration_ms',
        default: 600_000,
        min: 0,
        max: 86_400_000,
        text: 'TCP connections that send nothing for so long are closed. 0: never.',
      },
      {
        name: 'PENSTOCK_IDEMPOTENCY_KEYS_MAX',
        type: 'integer',
        default: 100_000,
        min: 1,
        max: 10_000_000,
        text: 'HTTP requests with an Idempotency-Key that are remembered at a time, each for 10 minutes and about 300 bytes; more are answered 429.',
      },
      {
        name: 'PENSTOCK_SHUTDOWN_TIMEOUT_MS',
        live: true,
        type: 'duration_ms',
        default: 25_000,
        min: 0,
        max: 3_600_000,
        text: 'Time to drain and deliver after SIGTERM; what is left stays in the journal. Less than the supervisor allows.',
      },
      {
        name: 'PENSTOCK_BREAKER_FAILURES',
        type: 'integer',
        default: 5,
        min: 1,
        max: 1_000_000,
        text: 'Failures in a row, without a success for PENSTOCK_BREAKER_AFTER_MS, that open the circuit breaker of a sink.',
      },
      {
        name: 'PENSTOCK_BREAKER_AFTER_MS',
        type: 'duration_ms',
        default: 10_000,
        min: 0,
        max: 3_600_000,
        text: 'How long a sink must have failed before its breaker opens; longer than the election of a leader takes.',
      },
      {
        name: 'PENSTOCK_BREAKER_PROBE_MS',
        type: 'duration_ms',
        default: 5000,
        min: 10,
        max: 3_600_000,
        text: 'At most so long after a breaker opened, one try shows whether the sink is back; half of it is left to chance.',
      },
      {
        name: 'PENSTOCK_LOG_LEVEL',
        live: true,
        type: 'enum',
        values: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
        default: 'info',
        text: 'Least severe log line to write (JSON on standard error).',
      },
    ],
  },
];

export const options: readonly OptionSpec[] = optionGroups.flatMap((group) => group.options);
