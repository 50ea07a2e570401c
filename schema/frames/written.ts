/** What the original says in other words than the fields: times and structured data. */
import { refuse } from './bytes.js';
import type { Output } from './output.js';

const nsPerSecond = 1_000_000_000;
const secondsPerDay = 86_400;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const zero = 48;

export interface TimeForm {
  readonly kind: 'rfc3339' | 'rfc3164';
  readonly digits: number;
  readonly zone: string;
  readonly offsetSeconds: number;
}

/** Writes times as the original has them. They follow each other: the day is written once. */
export class TimeWriter {
  readonly #form: TimeForm;
  readonly #zone: Buffer;
  #day = Number.NaN;
  #date: Buffer = Buffer.alloc(0);

  constructor(form: TimeForm) {
    this.#form = form;
    this.#zone = Buffer.from(zoneText(form), 'latin1');
  }

  /** `ticks` of `scale` ns since 1970, exact. */
  write(out: Output, ticks: number, scale: number): void {
    const perSecond = nsPerSecond / scale;
    const left = ticks % perSecond;
    const rest = left < 0 ? left + perSecond : left;
    this.#write(out, (ticks - rest) / perSecond, rest * scale);
  }

  /** ns since 1970. */
  writeBig(out: Output, ns: bigint): void {
    const second = BigInt(nsPerSecond);
    const left = ns % second;
    const rest = left < 0n ? left + second : left;
    this.#write(out, Number((ns - rest) / second), Number(rest));
  }

  #write(out: Output, seconds: number, fraction: number): void {
    const { digits, offsetSeconds } = this.#form;
    const local = seconds + offsetSeconds;
    const day = Math.floor(local / secondsPerDay);
    if (day !== this.#day) this.#newDay(day);
    out.append(this.#date);
    out.room(9 + digits);
    const { bytes } = out;
    const second = local - day * secondsPerDay;
    let at = twoDigits(bytes, out.end, (second / 3600) | 0);
    bytes[at++] = 58;
    at = twoDigits(bytes, at, ((second / 60) | 0) % 60);
    bytes[at++] = 58;
    at = twoDigits(bytes, at, second % 60);
    if (digits > 0) bytes[at++] = 46;
    for (let i = 0, unit = 100_000_000; i < digits; i++, unit /= 10)
      bytes[at++] = zero + (((fraction / unit) | 0) % 10);
    out.end = at;
    out.append(this.#zone);
  }

  #newDay(day: number): void {
    const date = new Date(day * secondsPerDay * 1000);
    this.#day = day;
    this.#date = Buffer.from(this.#form.kind === 'rfc3164' ? rfc3164Day(date) : rfc3339Day(date), 'latin1');
  }
}

/** Of a number below 100, at `at`. @returns where they end */
function twoDigits(bytes: Uint8Array, at: number, number: number): number {
  const tens = (number / 10) | 0;
  bytes[at] = zero + tens;
  bytes[at + 1] = zero + number - 10 * tens;
  return at + 2;
}

function rfc3164Day(day: Date): string {
  return `${months[day.getUTCMonth()]} ${String(day.getUTCDate()).padStart(2, ' ')} `;
}

function rfc3339Day(day: Date): string {
  return day.toISOString().slice(0, 11);
}

function zoneText({ kind, zone, offsetSeconds }: TimeForm): string {
  if (kind === 'rfc3164') return '';
  if (zone === 'Z') return zone;
  const minutes = Math.floor(Math.abs(offsetSeconds) / 60);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${zone}${two(Math.floor(minutes / 60) % 100)}:${two(minutes % 60)}`;
}

const quote = 34;
const comma = 44;
const closing = 125;

/**
 * {"id":{"name":"value",…},…} → [id name="value" …]…, byte by byte.
 * @param json what begins with it; it may lie in `out`
 * @param at where it begins
 */
export function writeStructuredData(out: Output, json: Uint8Array, at: number, size: number): void {
  // It is never longer than its JSON.
  out.room(size);
  out.end = new StructuredData(json, at, at + size, out.bytes, out.end).write();
}

class StructuredData {
  readonly #json: Uint8Array;
  #at: number;
  readonly #end: number;
  readonly #bytes: Uint8Array;
  #to: number;

  constructor(json: Uint8Array, at: number, end: number, bytes: Uint8Array, to: number) {
    this.#json = json;
    this.#at = at;
    this.#end = end;
    this.#bytes = bytes;
    this.#to = to;
  }

  /** @returns where it ends */
  write(): number {
    this.#expect('{"');
    while (true) {
      this.#put('[');
      this.#upToQuote();
      this.#expect(':{');
      for (let more = false; this.#byte() !== closing || more; ) {
        this.#expect('"');
        this.#put(' ');
        this.#upToQuote();
        this.#expect(':"');
        this.#put('="');
        this.#upToQuote();
        this.#put('"');
        more = this.#byte() === comma;
        if (more) this.#at++;
        else if (this.#byte() !== closing) refuse('structured data that is none');
      }
      this.#at++;
      this.#put(']');
      if (this.#byte() === closing) break;
      this.#expect(',"');
    }
    if (this.#at + 1 !== this.#end) refuse('structured data that is none');
    return this.#to;
  }

  #byte(): number {
    return this.#at < this.#end ? (this.#json[this.#at] as number) : 0;
  }

  #expect(text: string): void {
    for (let i = 0; i < text.length; i++, this.#at++)
      if (this.#byte() !== text.charCodeAt(i)) refuse('structured data that is none');
  }

  #put(text: string): void {
    for (let i = 0; i < text.length; i++) this.#bytes[this.#to++] = text.charCodeAt(i);
  }

  /** Copies what is before the next quote, and passes over it. */
  #upToQuote(): void {
    const [json, bytes, end] = [this.#json, this.#bytes, this.#end];
    let at = this.#at;
    let to = this.#to;
    for (; at < end && json[at] !== quote; at++) bytes[to++] = json[at] as number;
    if (at === end) refuse('structured data that is none');
    this.#at = at + 1;
    this.#to = to;
  }
}
