/**
 * Receivers and their counters as the addon gives them; engine/ring/ makes the engine's contracts of them.
 */
import { loadAddon } from './load.js';

/** Framings by their native number (native/src/kernels/framing.h). */
export const framingNumbers = { syslog: 0, line: 1, prefixed: 2, datagram: 3 } as const;

/** What connections are secured with, made by `makeTls`. */
export type NativeTls = object;

export interface NativeReceiverGroup {
  /** False: the process has no file descriptors left. */
  start(): boolean;
  /** The bound port, or −errno. */
  listenTcp(
    listener: number,
    host: string,
    port: number,
    framing: number,
    connectionsMax: number,
    idleTimeoutMs: number,
    frameTimeoutMs: number,
    addressConnectionsMax: number,
    rateBytes: number,
    burstBytes: number,
    tls: NativeTls | null,
    handshakeTimeoutMs: number,
    rateByCertificate: boolean,
  ): number;
  /** The bound port or −errno, and the socket buffer that was granted. */
  listenUdp(
    listener: number,
    host: string,
    port: number,
    gro: boolean,
    receiveBufferBytes: number,
    rateDatagrams: number,
    burstDatagrams: number,
    rateBytes: number,
    burstBytes: number,
  ): [number, number];
  /** Of PEM texts; `clientCa` empty: no certificate is asked for. Or what is wrong, in words. */
  makeTls(
    certificate: Uint8Array,
    key: Uint8Array,
    clientCa: Uint8Array,
    ciphers: string,
    suites: string,
  ): NativeTls | string;
  /** For connections accepted from now on. */
  renewTls(listener: number, tls: NativeTls): void;
  setRates(
    listener: number,
    rateBytes: number,
    burstBytes: number,
    rateDatagrams: number,
    burstDatagrams: number,
  ): void;
  /** While true nothing is read. */
  hold(on: boolean): void;
  close(listener: number): void;
  isClosed(listener: number): boolean;
  stop(): void;
}

/** One chunk of a ring, taken out. */
export interface InspectedChunk {
  readonly listener: number;
  readonly framing: number;
  /** 2: truncated. */
  readonly flags: number;
  readonly number: number;
  readonly receivedMs: number;
  readonly connection: number;
  readonly peer: string;
  readonly format: number;
  readonly size: number;
  readonly frames: Buffer[];
}
export interface NativeRingInspector {
  next(): InspectedChunk | null;
  /** Frees, as durable, everything taken so far. */
  release(): void;
}

export interface IoStatInfo {
  readonly name: string;
  readonly gauge: boolean;
  readonly text: string;
}

interface Addon {
  ReceiverGroup: new (
    listeners: number,
    messageBytesMax: number,
    partialBytesMax: number,
    rings: Uint8Array[][],
    doorbells: Uint8Array[],
    stats: Uint8Array,
    pin: number[],
    producers: number,
    connectionsMax: number,
  ) => NativeReceiverGroup;
  RingInspector: new (ring: Uint8Array) => NativeRingInspector;
  readonly ioStatTable: readonly IoStatInfo[];
  readonly ioStatWords: number;
  readonly connectionDescriptorsMax: number;
}

const addon = () => loadAddon<Addon>();

export function createReceiverGroup(options: {
  listeners: number;
  messageBytesMax: number;
  partialBytesMax: number;
  /** [thread][worker] */
  rings: readonly (readonly SharedArrayBuffer[])[];
  doorbells: readonly SharedArrayBuffer[];
  stats: SharedArrayBuffer;
  /** CPU of each thread, −1: any. */
  pin: readonly number[];
  /** Blocks of statistics that count connections. */
  producers: number;
  /** Of the process; 0: no limit. */
  connectionsMax: number;
}): NativeReceiverGroup {
  const view = (memory: SharedArrayBuffer) => new Uint8Array(memory);
  return new (addon().ReceiverGroup)(
    options.listeners,
    options.messageBytesMax,
    options.partialBytesMax,
    options.rings.map((workers) => workers.map(view)),
    options.doorbells.map(view),
    view(options.stats),
    [...options.pin],
    options.producers,
    options.connectionsMax,
  );
}

export function createRingInspector(ring: SharedArrayBuffer): NativeRingInspector {
  return new (addon().RingInspector)(new Uint8Array(ring));
}

/** Names, kinds and meanings of the counters, in the order of a block's words. */
export const ioStatTable = (): readonly IoStatInfo[] => addon().ioStatTable;
/** Connections may have descriptors below this number; those above are for files and sinks. */
export const connectionDescriptorsMax = (): number => addon().connectionDescriptorsMax;
/** 64-bit words of the block of one thread and listener. */
export const ioStatWords = (): number => addon().ioStatWords;
