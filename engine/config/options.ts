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
        name: 'PENSTOCK_PRIORITY',
        live: true,
        type: 'list',
        default: null,
        text: 'Rules by source, severity and facility (docs/operating.md): events that fit one go first when there is a backlog.',
        example: 'severity<=crit, facility=auth|authpriv severity<=notice, source=syslog+tls',
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
        name: 'PENSTOCK_ADMIN_HOSTS',
        type: 'list',
        default: null,
        text: 'Names by which the admin address may be asked, beside IP addresses and localhost. None: any, but on a loopback address.',
        example: 'penstock.example.org',
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
        text: 'How often to look whether the YAML file or a format pack changed, and take it over. 0: only on SIGHUP.',
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
        values: ['protobuf', 'compact', 'json', 'frames', 'avro', 'msgpack', 'ocsf'],
        default: 'protobuf',
        text: 'Record values: LogEvents; compact: with positions for copies; JSON; frames: columns; Avro; MessagePack; OCSF (docs/schemas.md).',
      },
      {
        name: 'PENSTOCK_FRAME_EVENTS',
        type: 'integer',
        default: 2048,
        min: 1,
        max: 16_384,
        text: 'With PENSTOCK_ENCODING=frames: events at which a frame is closed, if the batch size or the linger does not close it earlier.',
      },
      {
        name: 'PENSTOCK_KEEP_ORIGINAL',
        type: 'enum',
        values: ['auto', 'always', 'never'],
        default: 'auto',
        text: 'Whether event.original holds the bytes received. auto: where parsing lost or failed on something.',
      },
      {
        name: 'PENSTOCK_EVENT_HASH',
        type: 'boolean',
        default: false,
        text: 'Put the SHA-256 of the bytes received, in hex, into event.hash, in place of the sender’s own (docs/schemas.md).',
      },
      {
        name: 'PENSTOCK_FORMATS',
        live: true,
        type: 'string',
        default: null,
        text: "Directory of format packs besides the product's own (docs/formats.md); one of the same name takes its place. off: no packs at all.",
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
      {
        name: 'PENSTOCK_DOCUMENT_EVENTS_MAX',
        type: 'integer',
        default: 10_000,
        min: 1,
        max: 1_000_000,
        text: 'Most events that one JSON document of many (Records, records, logEvents …) becomes; one of more stays one event, tagged document_kept_whole.',
      },
      {
        name: 'PENSTOCK_AUDIT_JOIN',
        type: 'boolean',
        default: false,
        text: 'Join the records of a Linux audit event: bare lines `type=… msg=audit(…)` with the same time and serial that follow each other.',
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
        name: 'PENSTOCK_MEMORY_MAX',
        type: 'bytes',
        default: 0,
        min: 0,
        max: 1024 * GiB,
        text: 'Ceiling of the process, above what its buffers can hold (`penstock config` adds them up); 0: none. Beyond it nothing is taken in.',
        example: '1GiB',
      },
      {
        name: 'PENSTOCK_PARTIAL_BYTES_MAX',
        type: 'bytes',
        default: 256 * MiB,
        min: 4 * MiB,
        max: 64 * GiB,
        text: 'What unfinished messages of all connections may hold together; beyond, the connection that holds most is closed.',
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
