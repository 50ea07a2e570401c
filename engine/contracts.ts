/**
 * What the engine knows of sources and sinks. An adapter implements these; the engine knows no protocol.
 */
import type { Logger } from 'pino';
import type { OptionSpec } from './config/option.js';

/** One configured listener: a URL taken apart. `index` is what chunks in the rings carry. */
export interface ListenerSpec {
  readonly index: number;
  /** The URL as configured, without secrets: fit for logs. */
  readonly url: string;
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  /** Values of the source's own options (query parameters of the URL), checked against its `options`. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** How the bytes of a source's chunks are cut and parsed: indexes of native tables. */
export type FramingName = 'syslog' | 'line' | 'prefixed' | 'datagram';
export type FormatName = 'syslog' | 'json' | 'text';

/** A kind of source: one folder in adapters/sources/ exports it as `source`. */
export interface SourceType {
  readonly name: string;
  /** URL schemes it answers to, e.g. ['syslog+tcp']. */
  readonly schemes: readonly string[];
  readonly defaultPort: number;
  readonly format: FormatName;
  /** Options as query parameters of the listener's URL. */
  readonly options: readonly OptionSpec[];
  /** Its receivers hold what its connections sent of frames that are not complete. */
  readonly partialFrames?: boolean;
  /** What a listener of it may hold beside those and the rings. */
  buffers?(listener: ListenerSpec, limits: BufferLimits): readonly BufferTerm[];
  /** What is wrong with the files that its options name: each completes "must be", and none tells a secret. Opens nothing else. */
  mistakes?(listener: ListenerSpec): readonly string[];
  create(listener: ListenerSpec, context: SourceContext): Source;
}

/** One of the process's large buffers. */
export interface BufferTerm {
  readonly name: string;
  /** The most it holds. */
  readonly bytes: number;
  /** The setting that bounds it. */
  readonly lowerBy: string;
}
export interface BufferLimits {
  readonly receivers: number;
  readonly connectionsMax: number;
}

/** A running listener. */
export interface Source {
  readonly listener: ListenerSpec;
  /** Binds. Rejects with an OperatingError naming the address and what to do. Resolves with the bound port. */
  start(): Promise<number>;
  /**
   * Reads the files it was configured with (certificates, schemas) again, and answers what puts them in force for connections to come;
   * open ones stay. @throws OperatingError when they do not work; nothing has changed then.
   */
  refresh?(): () => void;
  /** When the certificate that it shows senders stops being valid, milliseconds since the epoch; missing: it shows none. */
  certificateEndsMs?(): number;
  /**
   * Takes over other values of its type's `live` options, for open connections too. `listener` is as the source was made for, but
   * for those. Cannot fail. Required where there are such options.
   */
  retune?(listener: ListenerSpec): void;
  /** Stops receiving: closes the listener and its connections. What was read goes on through the rings. */
  stop(): Promise<void>;
}

/** What the engine lends to sources. */
export interface SourceContext {
  readonly log: Logger;
  /** Native receiver threads; TCP and UDP sockets are handed to them. */
  readonly receivers: Receivers;
  /** The way into the rings for bytes that JavaScript holds (TLS, HTTP). */
  readonly feeder: Feeder;
  /** False while the engine cannot take events (starting, draining): HTTP answers 503. */
  ready(): boolean;
  readonly limits: {
    readonly messageBytesMax: number;
    /** For listeners that set none of their own. */
    readonly connectionsMax?: number;
    readonly idleTimeoutMs?: number;
  };
  readonly admission: Admission;
  readonly requests: Requests;
  /** Schemas of the registry by id, as senders name them; undefined: there is no registry. */
  readonly writerSchemas?: WriterSchemas | undefined;
}

export interface WriterSchemas {
  /** Text of an Avro schema; null: there is none of this id. Rejects where the registry cannot be asked now. */
  byId(id: number): Promise<string | null>;
}

/**
 * Requests that are stored once, however often they are sent: known by a key that their sender chose, kept for a while, also
 * across the end of the process. Whether one is stored is read from the journal's commit records.
 */
export interface Requests {
  /**
   * Waits while the same request is under way elsewhere. `digest`: of the body, at least 8 bytes; `pieces`: how many deliveries it
   * takes. 'conflict': the key stands for another body; 'full': no room to remember it, or none for this sender.
   */
  begin(name: RequestName, digest: Uint8Array, pieces: number): Promise<OpenRequest | StoredRequest>;
}
export interface RequestName {
  /** Where the key holds: the same key elsewhere is another. */
  readonly scope: string;
  readonly key: string;
  /** Who asks for it to be remembered: no part of the name, but senders share the room. */
  readonly sender: string;
}
export interface StoredRequest {
  readonly state: 'stored' | 'conflict' | 'full';
  /** Of a stored one. */
  readonly events: number;
}
export interface OpenRequest {
  readonly state: 'open';
  /** Deliveries from its start that are stored already, and events in them: it goes on behind them. */
  readonly pieces: number;
  readonly events: number;
  /** Before the next piece is handed over (Feeder.deliver). @throws when it cannot be remembered */
  before(events: number, place: ChunkPlace): void;
  /** The oldest piece not yet stored is stored now. */
  stored(): void;
  /** Resolves when what `before` wrote is as durable as configured. */
  durable(): Promise<void>;
  /** Whoever waits for it goes on. Called once, whatever happened. */
  end(): void;
}

/** What the whole process can still take, beside the limits of one listener. */
export interface Admission {
  /** The process has as many connections as it may have: a new one is refused. */
  connectionsFull(): boolean;
  /** Connections may have descriptors below this number; those above are for files and sinks. */
  readonly descriptorsMax: number;
  /** The process holds more than PENSTOCK_MEMORY_MAX: nothing more is read; requests are answered 429. */
  memoryFull(): boolean;
}

/** A token bucket: so much a second, of which `burst` may come at once. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** Of each sender, an address. */
export interface SenderRates {
  readonly bytes?: RateLimit | undefined;
  readonly datagrams?: RateLimit | undefined;
}

/** Native receiver threads (see native/index.d.ts). */
export interface Receivers {
  /** Opens a listening TCP socket served by receiver threads. Returns the bound port; throws OperatingError. */
  listenTcp(listener: ListenerSpec, settings: TcpSettings): number;
  /** Makes of other certificates what an open listener shall use; what is returned puts it in force. Throws OperatingError. */
  renewTls(listener: ListenerSpec, tls: TlsSettings): () => void;
  /** Opens SO_REUSEPORT UDP sockets, one a receiver thread. Returns the bound port; throws OperatingError. */
  listenUdp(listener: ListenerSpec, settings: UdpSettings): number;
  /** Other rates for the senders of an open listener, in force for its open connections too; missing: no limit. */
  setRates(listenerIndex: number, rates: SenderRates): void;
  /** Closes the listener's sockets and its connections, after handing over what was read; then it resolves. */
  close(listenerIndex: number): Promise<void>;
}
export interface TcpSettings {
  readonly framing: 'syslog' | 'line';
  readonly connectionsMax: number;
  readonly idleTimeoutMs: number;
  /** For a frame from its first byte to its last; missing or 0: any time. */
  readonly frameTimeoutMs?: number;
  /** Connections of one address (IPv6: of one /64) at a time; missing: no limit. */
  readonly addressConnectionsMax?: number;
  /** Bytes of one address; beyond, it is not read for a while. Missing: no limit. */
  readonly rate?: RateLimit;
  /** Connections begin with a TLS handshake; missing: they are plain. */
  readonly tls?: TlsSettings;
}
/** TLS of a listener; certificates and the key as PEM. */
export interface TlsSettings {
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
  /** Clients must show a certificate of one of these authorities; missing: none is asked for. */
  readonly clientCa?: Uint8Array;
  readonly handshakeTimeoutMs: number;
  /** `rate` is of the subject of the sender's certificate, where it shows one. */
  readonly rateByCertificate: boolean;
}
export interface UdpSettings {
  readonly receiveBufferBytes: number;
  readonly gro: boolean;
  /** Of one address; what is beyond is dropped and counted. Missing: no limit. */
  readonly rateDatagrams?: RateLimit;
  readonly rateBytes?: RateLimit;
  /** Called when the kernel grants less than `receiveBufferBytes`. */
  readonly onSmallerBuffer?: (grantedBytes: number) => void;
}

/** Feeds bytes held by JavaScript into the rings: one native call per read, never per event. */
export interface Feeder {
  /**
   * A connection: all it sends goes to one worker. Its bytes are a stream still to be cut into frames (`write`), or whole
   * frames (`deliver`; `framing` is then of no account).
   */
  open(listenerIndex: number, framing: 'syslog' | 'line', peer: string): number;
  /** Takes all of `bytes` (true), or, when the ring is full, keeps them and answers false: stop reading until `onSpace`. */
  write(connection: number, bytes: Uint8Array, onSpace: () => void): boolean;
  /** The peer closed: what is left is the last frame. Resolves when the rings have all of it. */
  close(connection: number): Promise<void>;
  /** Adds to a counter of the listener (names: native/src/io/io_stats.h), for what only the source sees. */
  count(listenerIndex: number, name: string, count: number): void;
  /**
   * Hands over one body of whole frames, all or nothing. Resolves when every event of it is durable. Rejects with
   * `RingFull`, before the event loop turns, when there is no room now (answer 429). At most 256 KiB a call (or one
   * larger frame): the caller cuts bodies between frames. What one connection delivers keeps its order.
   * `before` is called when there is room, before the ring takes the body; what it throws is the answer, and nothing is taken.
   * `format` says how these frames are parsed when the sender told (ChunkHeader.format); else the listener's format counts.
   */
  deliver(
    connection: number,
    framing: 'line' | 'prefixed',
    body: Uint8Array,
    format?: FormatName,
    before?: (place: ChunkPlace) => void,
  ): Promise<void>;
}

/** A chunk's place in this run of the engine: commit records of the journal say up to which chunk of a ring they reach. */
export interface ChunkPlace {
  /** Worker, and so lane of the journal, that takes it. */
  readonly worker: number;
  readonly chunk: number;
}

/** Place of an entry in the journal; ordered within its lane. */
export interface JournalPosition {
  readonly lane: number;
  readonly segment: number;
  readonly offset: number;
}

/** One Kafka RecordBatch v2 as the journal holds it: no producer id, epoch −1, base sequence −1. */
export interface StoredBatch {
  readonly position: JournalPosition;
  /** Where the entry after it begins. */
  readonly next: JournalPosition;
  /** Index of the route (topic) its events were sent to. */
  readonly route: number;
  /** Kafka partition chosen when encoding (keyed partitioning); −1: any. */
  readonly partition: number;
  /** Records in it: what Kafka's sequences and offsets count. */
  readonly count: number;
  /** Events in it: as many as records, unless a record holds a frame of many. */
  readonly events: number;
  /** Valid until the sink has settled what `deliver` returned: the memory is used again. */
  readonly bytes: Buffer;
}

/**
 * A kind of sink: one folder in adapters/sinks/ exports it as `sink`.
 */
export interface SinkType {
  readonly name: string;
  /** 'kafka' for kafka://…, 'store' for store:./path, 'null' for null: */
  readonly schemes: readonly string[];
  readonly options: readonly OptionSpec[];
  /** What the figures of its sinks count, by name: their help texts in /metrics. */
  readonly figures: Readonly<Record<string, string>>;
  /** False: batches need no journal (null). */
  readonly needsJournal: boolean | ((spec: SinkSpec) => boolean);
  /** Topics it writes to, which may have their schema in a registry. */
  topics?(spec: SinkSpec): readonly string[];
  /** Events stay in the journal as the sink's own, so it has to be on a disk. */
  readonly keepsInJournal?: boolean;
  /** Of a sink that does: where events live that `penstock redrive` gives it, and are read from with the others. */
  readonly redriveDirectory?: (spec: SinkSpec) => string;
  /** What is wrong with its URL and the files that its options name, as for sources. */
  mistakes?(spec: SinkSpec): readonly string[];
  create(spec: SinkSpec, context: SinkContext): Sink;
  /** Holds the sink's own records, and its far side, against what the journal says was delivered. Changes nothing. */
  audit?(spec: SinkSpec, context: SinkAuditContext): Promise<SinkAudit>;
}
/** What the journal says of a sink. */
export interface SinkAuditContext {
  readonly stateDir: string;
  readonly journalDir: string;
  /** Before these everything is delivered, by lane. */
  readonly cursor: ReadonlyMap<number, JournalPosition>;
  /** Events delivered since the cursor was made, dead letters not counted. */
  readonly delivered: number;
}
export interface SinkAudit {
  /** What contradicts, in sentences; none: all is consistent. */
  readonly contradictions: readonly string[];
  /** What could not be asked, and why: nothing is proven about it. */
  readonly unproven: readonly string[];
  /** Worth knowing, and no fault. */
  readonly notes: readonly string[];
  /** Figures of this kind of sink; names as in metrics. */
  readonly figures: Readonly<Record<string, number>>;
}
export interface SinkSpec {
  /** Stable name: the cursor and the send log are kept under it. */
  readonly id: string;
  /** As configured, without secrets. */
  readonly url: string;
  readonly scheme: string;
  /** URL authority, e.g. 'b1:9092,b2:9092', or ''. */
  readonly authority: string;
  /** URL path, e.g. 'security.events' or './data'. */
  readonly path: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
}
/** A sink's circuit breaker (engine/deliver/breaker.ts). */
export interface Breaker {
  succeeded(): void;
  failed(): void;
  /** 0: a try may go now, and its end is reported. Else ask again after so many milliseconds. */
  waitMs(): number;
}

export interface SinkContext {
  readonly log: Logger;
  /** Where a sink that tries again by itself says how its tries end, and asks when the next one may be. */
  readonly breaker?: Breaker;
  /** A directory of its own, kept across restarts (send log, state). */
  readonly stateDir: string;
  /** The journal that the sink's batches come from, for a sink that keeps events there (store). */
  readonly journalDir?: string;
  /** Size at which that journal is full. */
  readonly journalBytesMax?: number;
}

/**
 * A running sink. The engine calls `deliver` in journal order per lane and does not wait for one batch before handing over
 * the next; it stops at `inFlightBytesMax`. The sink keeps that order per partition.
 */
export interface Sink {
  readonly spec: SinkSpec;
  readonly inFlightBytesMax: number;
  /** Connects and settles what an earlier run left in doubt. Keeps trying while the far side is down; rejects only when
   *  stopped or on what no retry can mend (an OperatingError). */
  start(): Promise<void>;
  /** Resolves when the far side has it durably; rejects with DeliveryError. Retries inside. */
  deliver(batch: StoredBatch): Promise<void>;
  /** Everything before `position` of its lane is delivered and checkpointed: state about it may be forgotten. */
  forget(position: JournalPosition): void;
  /** From where on the sink needs a lane's segments although they are delivered (store: not yet compacted). null: all. */
  holds?(lane: number): JournalPosition | null;
  /**
   * Keeps a dictionary that frames may be compressed with from then on, under its name, for their readers; resolves when it is durable, rejects
   * when that cannot be now. Missing: its readers find it beside the journal.
   */
  keepDictionary?(name: string, bytes: Uint8Array): Promise<void>;
  /** Partitions of a route's topic, for keyed partitioning; resolves when the far side has told. */
  partitionCount?(route: number): Promise<number>;
  /** Ready, and if not, why: shown by /health/ready. */
  health(): { ready: boolean; detail: string };
  /** Those that its type tells of, e.g. { requests_total: 3, in_flight_bytes: 0 }; names without prefix, units last. */
  figures(): Readonly<Record<string, number>>;
  /** Waits for what is in flight until the deadline, then closes. */
  stop(deadlineMs: number): Promise<void>;
}
