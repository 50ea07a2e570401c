/**
 * Every flag, once: names, defaults, bounds, --help and docs/reference/flags.md come from this table. It imports nothing but
 * types and tables like itself, so that tools read it without a build. Listeners and sinks have options of their own, in their URLs: adapters/.
 */
import { batchOptions } from './batch-options.js';
import { enrichOptions } from './enrich-options.js';
import { journalOptions } from './journal-options.js';
import { limitOptions } from './limit-options.js';
import type { OptionGroup, OptionSpec } from './option.js';
import { schemaOptions } from './schema-options.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

export const optionGroups: readonly OptionGroup[] = [
  {
    title: 'Input and output',
    options: [
      {
        name: 'PENSTOCK_LISTEN',
        live: true,
        type: 'list',
        default: 'syslog+udp://127.0.0.1:5514,syslog+tcp://127.0.0.1:5514,http://127.0.0.1:8088',
        text: 'URLs to listen on. Query parameters set the options of a listener (docs/reference/listeners.md).',
        example: 'syslog+udp://0.0.0.0:514,syslog+tcp://0.0.0.0:601',
      },
      {
        name: 'PENSTOCK_DELIVER',
        live: true,
        type: 'list',
        default: 'store:./data',
        text: "URLs to deliver to; every sink gets every event. Query parameters set a sink's options (adapters/sinks).",
        example: 'kafka://b1:9092,b2:9092/security.events',
      },
      {
        name: 'PENSTOCK_PRIORITY',
        live: true,
        type: 'list',
        default: null,
        text: 'Rules on source, severity and facility: events that match one are delivered first when there is a backlog (docs/operating.md).',
        example: 'severity<=crit, facility=auth|authpriv severity<=notice, source=syslog+tls',
      },
      {
        name: 'PENSTOCK_DEAD_LETTER',
        type: 'string',
        default: null,
        text: 'A Kafka topic for copies of dead letters, the events that a sink rejects permanently. They are always kept locally as well.',
        example: 'kafka://b1:9092,b2:9092/security.dead-letters',
      },
      {
        name: 'PENSTOCK_ADMIN',
        type: 'string',
        default: '127.0.0.1:9600',
        text: 'Address of metrics, health checks and live figures. It has no authentication: keep it private. off: none.',
        example: '127.0.0.1:9600',
      },
      {
        name: 'PENSTOCK_ADMIN_HOSTS',
        type: 'list',
        default: null,
        text: 'Host names that the admin address answers to, besides IP addresses and localhost. None: on a non-loopback address, any.',
        example: 'penstock.example.org',
      },
      {
        name: 'PENSTOCK_DATA',
        type: 'string',
        default: './data',
        text: 'Directory of the journal, the delivery positions and the identity of this node. Under load, give it a disk of its own.',
        example: '/var/lib/penstock',
      },
      {
        name: 'PENSTOCK_CONFIG',
        type: 'string',
        default: null,
        text: 'A YAML file with settings under the same names. Environment variables win over it.',
        example: '/etc/penstock/penstock.yaml',
      },
      {
        name: 'PENSTOCK_CONFIG_POLL_MS',
        type: 'duration_ms',
        default: 1000,
        min: 0,
        max: 3_600_000,
        text: 'How often to check the YAML file and the format packs for changes, and reload them. 0: only on SIGHUP.',
      },
      {
        name: 'PENSTOCK_KAFKA_PASSWORD',
        type: 'string',
        default: null,
        secret: true,
        text: 'SASL password of Kafka sinks that name a user but neither password nor password_file.',
      },
    ],
  },
  {
    title: 'Parsing and encoding',
    options: [
      {
        name: 'PENSTOCK_ENCODING',
        type: 'enum',
        values: ['protobuf', 'compact', 'json', 'frames', 'avro', 'msgpack', 'ocsf'],
        default: 'protobuf',
        text: 'Encoding of record values: protobuf LogEvents, or compact, json, frames, avro, msgpack or ocsf (docs/compression.md, docs/schemas.md).',
      },
      {
        name: 'PENSTOCK_FRAME_EVENTS',
        type: 'integer',
        default: 2048,
        min: 1,
        max: 16_384,
        text: 'With PENSTOCK_ENCODING=frames: the most events in a frame. The batch size or the linger may close it earlier.',
      },
      {
        name: 'PENSTOCK_KEEP_ORIGINAL',
        type: 'enum',
        values: ['auto', 'always', 'never'],
        default: 'auto',
        text: 'Whether event.original keeps the received bytes. auto: always, except for JSON parsed without loss that no pack recognised.',
      },
      {
        name: 'PENSTOCK_EVENT_HASH',
        type: 'boolean',
        default: false,
        text: "Put the SHA-256 of the received bytes, in hexadecimal, into event.hash, replacing the sender's own (docs/schemas.md).",
      },
      {
        name: 'PENSTOCK_FORMATS',
        live: true,
        type: 'string',
        default: null,
        text: 'Directory of your own format packs (docs/formats.md). A pack replaces a built-in one of the same name. off: use no packs at all.',
        example: '/etc/penstock/formats',
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
        text: 'Zone of timestamps without one: UTC, an offset, or an IANA name, whose present offset counts. Listeners may have their own.',
        example: 'Europe/Berlin',
        live: true,
      },
      {
        name: 'PENSTOCK_MESSAGE_BYTES_MAX',
        type: 'bytes',
        default: 64 * KiB,
        min: 1 * KiB,
        max: 1 * MiB,
        text: 'Longest message. A longer one is truncated, tagged and counted. RFC 5425 asks for at least 8 KiB.',
      },
      {
        name: 'PENSTOCK_JSON_DEPTH_MAX',
        type: 'integer',
        default: 32,
        min: 1,
        max: 512,
        text: 'Deepest nesting of a JSON event. A deeper one is malformed: it keeps its bytes and says so (event.kind: pipeline_error).',
      },
      {
        name: 'PENSTOCK_DOCUMENT_EVENTS_MAX',
        type: 'integer',
        default: 10_000,
        min: 1,
        max: 1_000_000,
        text: 'Most events taken from one JSON document (Records, logEvents …). A larger one stays one event, tagged document_kept_whole.',
      },
      {
        name: 'PENSTOCK_AUDIT_JOIN',
        type: 'boolean',
        default: false,
        text: 'Join the records of one Linux audit event: consecutive lines `type=… msg=audit(…)` with the same time and serial.',
      },
    ],
  },
  schemaOptions,
  enrichOptions,
  batchOptions,
  journalOptions,
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
        text: 'Threads that read sockets. Use more for much UDP; each has a ring to every worker.',
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
        name: 'PENSTOCK_MEMORY_MAX',
        type: 'bytes',
        default: 0,
        min: 0,
        max: 1024 * GiB,
        text: 'Memory of the process beyond which it accepts nothing; at least the sum of its buffers (`penstock config` shows it). 0: no limit.',
        example: '1GiB',
      },
      {
        name: 'PENSTOCK_PARTIAL_BYTES_MAX',
        type: 'bytes',
        default: 256 * MiB,
        min: 4 * MiB,
        max: 64 * GiB,
        text: 'Memory for unfinished messages of all connections together. Beyond it, the connection that holds most is closed.',
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
  limitOptions,
];

export const options: readonly OptionSpec[] = optionGroups.flatMap((group) => group.options);
