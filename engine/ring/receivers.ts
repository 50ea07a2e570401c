/**
 * The engine's receivers: native threads behind the contract, errors in words.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_CIPHERS } from 'node:tls';
import { getSystemErrorName } from 'node:util';
import { createReceiverGroup, framingNumbers, type NativeReceiverGroup, type NativeTls } from '../../native/io.js';
import type { ListenerSpec, Receivers, SenderRates, TcpSettings, TlsSettings, UdpSettings } from '../contracts.js';
import { OperatingError } from '../errors.js';
import type { IoStats } from './io-stats.js';

/** What partial frames of all connections may hold together. */
export const partialBytesMaxDefault = 256 * 1024 * 1024;

const closePollMs = 10;
const noLimit = { perSecond: 0, burst: 0 };
const framePrefixMax = 12;
const readBytesMin = 4096;
const ringOverheadBytes = 3 * 4096;
const chunkHeaderBytes = 128;

export interface ReceiversOptions {
  readonly listeners: number;
  readonly messageBytesMax: number;
  /** Bytes of partial frames held for all connections together; over it the largest one's connection is closed. */
  readonly partialBytesMax?: number;
  /** [thread][worker]: receiver threads only. */
  readonly rings: readonly (readonly SharedArrayBuffer[])[];
  readonly doorbells: readonly SharedArrayBuffer[];
  readonly stats: IoStats;
  /** CPU of each thread; missing or −1: any. */
  readonly pin?: readonly number[];
  /** Connections of the process, those that JavaScript accepted included; missing: no limit. */
  readonly connectionsMax?: number;
}

export class NativeReceivers implements Receivers {
  #stopped = false;
  private readonly group: NativeReceiverGroup;

  /** Starts the threads. */
  constructor(options: ReceiversOptions) {
    for (const ring of options.rings.flat()) {
      const payloadMax = (ring.byteLength - ringOverheadBytes) / 4 - chunkHeaderBytes;
      if (options.messageBytesMax + framePrefixMax + readBytesMin > payloadMax) {
        throw new OperatingError(
          'RING_TOO_SMALL',
          `a ring of ${ring.byteLength - ringOverheadBytes} bytes cannot take messages of ${options.messageBytesMax} bytes`,
          'make rings at least five times as large as the largest message, or lower the message limit',
        );
      }
    }
    this.group = createReceiverGroup({
      ...options,
      stats: options.stats.memory,
      partialBytesMax: options.partialBytesMax ?? partialBytesMaxDefault,
      pin: options.pin ?? [],
      producers: options.stats.producers,
      connectionsMax: options.connectionsMax ?? 0,
    });
    if (!this.group.start()) {
      throw new OperatingError(
        'NO_DESCRIPTORS',
        'receiver threads could not be started: no file descriptors are left',
        'raise the limit of open files (ulimit -n, LimitNOFILE=)',
      );
    }
  }

  listenTcp(listener: ListenerSpec, settings: TcpSettings): number {
    const framing = framingNumbers[settings.framing];
    const { connectionsMax, idleTimeoutMs, frameTimeoutMs = 0, addressConnectionsMax = 0, rate = noLimit } = settings;
    const { tls } = settings;
    const answer = this.group.listenTcp(
      listener.index,
      bare(listener.host),
      listener.port,
      framing,
      connectionsMax,
      idleTimeoutMs,
      frameTimeoutMs,
      addressConnectionsMax,
      rate.perSecond,
      rate.burst,
      tls ? this.#makeTls(listener, tls) : null,
      tls?.handshakeTimeoutMs ?? 0,
      tls?.rateByCertificate ?? false,
    );
    return bound(listener, answer);
  }

  renewTls(listener: ListenerSpec, settings: TlsSettings): () => void {
    const tls = this.#makeTls(listener, settings);
    return () => this.group.renewTls(listener.index, tls);
  }

  /** With the ciphers that Node itself prefers: its --tls-cipher-list holds here too. */
  #makeTls(listener: ListenerSpec, { certificate, key, clientCa = new Uint8Array() }: TlsSettings): NativeTls {
    const ciphers = DEFAULT_CIPHERS.split(':');
    const suites = ciphers.filter((name) => name.startsWith('TLS_'));
    const older = ciphers.filter((name) => !name.startsWith('TLS_'));
    const made = this.group.makeTls(certificate, key, clientCa, older.join(':'), suites.join(':'));
    if (typeof made === 'object') return made;
    const remedy = 'certificate, key and client_ca must be PEM files, and the first two belong together';
    throw new OperatingError('TLS_FILES_INVALID', `the certificates of ${listener.url}: ${made}`, remedy);
  }

  listenUdp(listener: ListenerSpec, settings: UdpSettings): number {
    const { receiveBufferBytes: wanted, rateDatagrams = noLimit, rateBytes = noLimit } = settings;
    const [answer, granted] = this.group.listenUdp(
      listener.index,
      bare(listener.host),
      listener.port,
      settings.gro,
      wanted,
      rateDatagrams.perSecond,
      rateDatagrams.burst,
      rateBytes.perSecond,
      rateBytes.burst,
    );
    const result = bound(listener, answer);
    if (granted < wanted) settings.onSmallerBuffer?.(granted);
    return result;
  }

  setRates(listenerIndex: number, { bytes = noLimit, datagrams = noLimit }: SenderRates): void {
    this.group.setRates(listenerIndex, bytes.perSecond, bytes.burst, datagrams.perSecond, datagrams.burst);
  }

  /** While true nothing is read: TCP senders wait, the kernel keeps datagrams while it can and counts what it drops. */
  hold(on: boolean): void {
    this.group.hold(on);
  }

  /** Resolves when everything that was read is in the rings and nothing of the listener is open. */
  async close(listenerIndex: number): Promise<void> {
    this.group.close(listenerIndex);
    while (!this.#stopped && !this.group.isClosed(listenerIndex)) await delay(closePollMs);
  }

  /** Ends the threads. What was not handed over is counted as lost: close the listeners first. */
  stop(): void {
    this.#stopped = true;
    this.group.stop();
  }
}

/** IPv6 addresses stand in brackets in URLs. */
function bare(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'stop the program that uses the port (ss -lntup shows it), or choose another port',
  EACCES: 'choose a port above 1023, or grant the capability CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'give an address of this host (ip addr shows them), 0.0.0.0 or [::]',
  ESHUTDOWN: 'the process is ending: start it again',
  EMFILE: 'raise the limit of open files (ulimit -n, LimitNOFILE=)',
};

/** The port, or the error in words. Sources that bind by themselves use it too. */
export function bound(listener: ListenerSpec, answer: number): number {
  if (answer >= 0) return answer;
  const name = getSystemErrorName(answer);
  throw new OperatingError(
    name === 'EADDRINUSE' ? 'LISTEN_ADDRESS_IN_USE' : 'LISTEN_FAILED',
    `cannot listen at ${listener.host}:${listener.port} for ${listener.url}: ${name}`,
    remedies[name] ?? 'check the address and the port of this listener',
  );
}
