/**
 * What is known of each sender of a listener whose connections JavaScript holds: how many connections it has, and how much
 * of its rate is left. The native receivers have the same in native/src/io/source_table.h.
 *
 * Remembered are so many at most: a new one takes the place of the one heard of longest ago, unless that has connections.
 */
import type { RateLimit } from '../../engine/contracts.js';

export const sendersMax = 65_536;

export interface Sender {
  readonly key: string;
  connections: number;
  /** Units left; below 0 where more came than was left. */
  left: number;
  filledMs: number;
}

export class Senders {
  readonly #senders = new Map<string, Sender>();

  /** Of each sender; undefined: none. May change: what is left of a bucket stays, up to the new burst. */
  rate: RateLimit | undefined;

  /** `most`: connections of each, 0: any number. */
  constructor(
    rate: RateLimit | undefined,
    readonly most: number,
    readonly onForgotten: () => void = () => {},
    readonly sizeMax = sendersMax,
  ) {
    this.rate = rate;
  }

  /** undefined: it has as many connections as it may have, or there is no place for its address. */
  connect(key: string, nowMs: number): Sender | undefined {
    const sender = this.#find(key, nowMs);
    if (!sender || (this.most > 0 && sender.connections >= this.most)) return undefined;
    sender.connections++;
    return sender;
  }

  /** One that has a connection. */
  known(key: string): Sender | undefined {
    return this.#senders.get(key);
  }

  disconnect(sender: Sender): void {
    sender.connections--;
  }

  /** Milliseconds until the sender may go on; 0: now. */
  wait(sender: Sender, nowMs: number): number {
    const { rate } = this;
    if (!rate) return 0;
    const gained = (Math.max(0, nowMs - sender.filledMs) * rate.perSecond) / 1000;
    sender.left = Math.min(rate.burst, sender.left + gained);
    sender.filledMs = nowMs;
    return sender.left > 0 ? 0 : Math.max(1, Math.ceil(((1 - sender.left) * 1000) / rate.perSecond));
  }

  /** Counts what came. */
  charge(sender: Sender, amount: number): void {
    if (this.rate) sender.left -= amount;
  }

  get size(): number {
    return this.#senders.size;
  }

  #find(key: string, nowMs: number): Sender | undefined {
    const known = this.#senders.get(key);
    if (known) {
      this.#senders.delete(key); // a Map keeps the order of insertion: the first is the one heard of longest ago
      this.#senders.set(key, known);
      return known;
    }
    if (this.#senders.size >= this.sizeMax && !this.#forgetOne()) return undefined;
    const sender = { key, connections: 0, left: this.rate?.burst ?? 0, filledMs: nowMs };
    this.#senders.set(key, sender);
    return sender;
  }

  #forgetOne(): boolean {
    let looked = 0;
    for (const [key, sender] of this.#senders) {
      if (sender.connections === 0) {
        this.#senders.delete(key);
        this.onForgotten();
        return true;
      }
      if (++looked >= looksMax) return false;
    }
    return false;
  }
}

/** Senders looked at for one that may be forgotten: the time for a connection stays bounded. */
const looksMax = 64;

/** An IPv4 peer of an IPv6 socket as IPv4. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** What counts as one sender of addresses: IPv4 itself, IPv6 its /64, for a host has as many addresses there as it likes. */
export function senderOf(address: string): string {
  const plain = plainAddress(address);
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = (plain.split('%')[0] as string).split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - behind.length);
  const all = [...groups, ...new Array<string>(zeros).fill('0'), ...behind];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
