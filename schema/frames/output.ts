/** Bytes of events under construction. */
import { refuse } from './bytes.js';

/** A call of Node's own costs as much as so many steps. */
const short = 48;
/** So many bytes are allocated at once, for the events that fit. */
const slabBytes = 16_384;

/** One event after the other, at most `max` bytes each. */
export class Output {
  bytes: Buffer;
  /** Where the event under construction begins. */
  start = 0;
  /** Where its next byte goes. */
  end = 0;

  constructor(readonly max: number) {
    this.bytes = Buffer.allocUnsafeSlow(Math.min(max + 8, slabBytes));
  }

  /** Bytes of the event so far. */
  get size(): number {
    return this.end - this.start;
  }

  /** Begins the next event in place of this one. */
  clear(): void {
    this.end = this.start;
  }

  /** Begins the next event behind this one, which stays where it is. */
  keep(): void {
    this.start = this.end;
  }

  /** Room for `more` bytes at `end`: until they are written, `bytes` and `start` stay. */
  room(more: number): void {
    const size = this.end - this.start;
    if (size + more > this.max) refuse('an event is larger than its header says');
    if (this.end + more > this.bytes.length) this.#grow(size, size + more);
  }

  #grow(size: number, needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * needed, Math.min(this.max + 8, slabBytes)));
    this.bytes.copy(grown, 0, this.start, this.end);
    this.bytes = grown;
    this.start = 0;
    this.end = size;
  }

  /** Bytes `from` to `to` of others. */
  copy(source: Uint8Array, from: number, to: number): void {
    const size = to - from;
    this.room(size);
    const { bytes, end } = this;
    if (size > short) bytes.set(source.subarray(from, to), end);
    else for (let i = 0; i < size; i++) bytes[end + i] = source[from + i] as number;
    this.end = end + size;
  }

  append(source: Uint8Array): void {
    this.copy(source, 0, source.length);
  }

  /** Bytes of this event once more, from `from` to `to` behind its begin. */
  again(from: number, to: number): void {
    const size = to - from;
    this.room(size);
    const { bytes, start, end } = this;
    bytes.copyWithin(end, start + from, start + to);
    this.end = end + size;
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.end++] = value;
  }

  /** Of an integer of at least 0, exact. */
  varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128);
    this.byte(rest);
  }

  /** Of 64 bits. */
  wideVarint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 128n; rest >>= 7n) this.byte(Number(rest & 127n) | 128);
    this.byte(Number(rest));
  }

  fixed64(value: bigint): void {
    this.room(8);
    this.bytes.writeBigInt64LE(value, this.end);
    this.end += 8;
  }

  /** A character a byte. */
  text(text: string): void {
    const { length } = text;
    this.room(length);
    if (length > short) this.bytes.write(text, this.end, 'latin1');
    else for (let i = 0; i < length; i++) this.bytes[this.end + i] = text.charCodeAt(i);
    this.end += length;
  }

  /** The last `size` bytes: a view. */
  last(size: number = this.size): Buffer {
    return this.bytes.subarray(this.end - size, this.end);
  }
}
