/** Typed face of the native load generator. */
import { loadAddon } from './load.js';

const transports = { udp: 0, tcp: 1, http: 2 } as const;

/** Rendered messages, each framed as it goes over the wire. */
export interface LoadTemplate {
  readonly bytes: Uint8Array;
  /** Where each message begins; one more: the end. */
  readonly starts: Uint32Array;
  /** Where a message's timestamp (27 bytes, RFC 3339, microseconds) is stamped; 0xffffffff: nowhere. */
  readonly timestamps: Uint32Array;
  /** Where a message's sequence number (12 digits) is stamped; 0xffffffff: nowhere. */
  readonly sequences: Uint32Array;
}

export interface LoadOptions {
  readonly transport: keyof typeof transports;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Of HTTP requests, with names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Events a second; 0: as fast as possible. */
  readonly rate: number;
  /** Events; 0: until `seconds`. */
  readonly count: number;
  /** 0: until `count`. */
  readonly seconds: number;
  /** Bytes a write (HTTP: a body), at most. */
  readonly chunkBytes: number;
}

export interface LoadResult {
  readonly sent: number;
  readonly bytes: number;
  readonly seconds: number;
  /** HTTP answers 429 and 503. */
  readonly retries: number;
  /** '' when all went well. */
  readonly error: string;
}

interface Addon {
  runLoad(
    options: object,
    bytes: Uint8Array,
    starts: Uint32Array,
    timestamps: Uint32Array,
    sequences: Uint32Array,
  ): Promise<LoadResult>;
  stopLoad(): void;
}

/** Sends from native threads; resolves when done, also after an error. */
export function runLoad(options: LoadOptions, template: LoadTemplate): Promise<LoadResult> {
  const { bytes, starts, timestamps, sequences } = template;
  const headers = Object.entries(options.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const plain = { ...options, transport: transports[options.transport], headers: headers.join('') };
  return loadAddon<Addon>().runLoad(plain, bytes, starts, timestamps, sequences);
}

/** Ends what runs, soon. */
export function stopLoad(): void {
  loadAddon<Addon>().stopLoad();
}
