/** What the original says in other words than the fields: times and structured data. Texts are a character a byte. */
import { refuse } from './bytes.js';

const nsPerSecond = 1_000_000_000n;
const secondsPerDay = 86_400;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const two = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));

export interface TimeForm {
  readonly kind: 'rfc3339' | 'rfc3164';
  readonly digits: number;
  readonly zone: string;
  readonly offsetSeconds: number;
}

/** A time, ns since 1970, as the original has it. Times follow each other: the day is written once. */
export function timeWriter(form: TimeForm): (ns: bigint) => string {
  const { digits, offsetSeconds } = form;
  const write = form.kind === 'rfc3164' ? rfc3164Day : rfc3339Day;
  const zone = zoneText(form);
  let day = Number.NaN;
  let date = '';
  return (ns) => {
    const rest = ns % nsPerSecond;
    const fraction = Number(rest < 0n ? rest + nsPerSecond : rest);
    const seconds = Number((ns - BigInt(fraction)) / nsPerSecond) + offsetSeconds;
    const now = Math.floor(seconds / secondsPerDay);
    if (now !== day) {
      day = now;
      date = write(new Date(now * secondsPerDay * 1000));
    }
    const second = seconds - now * secondsPerDay;
    let text = `${date}${two[Math.floor(second / 3600)]}:${two[Math.floor(second / 60) % 60]}:${two[second % 60]}`;
    if (digits > 0) text += `.${fraction.toString().padStart(9, '0').slice(0, digits)}`;
    return text + zone;
  };
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
  return `${zone}${two[Math.floor(minutes / 60) % 100]}:${two[minutes % 60]}`;
}

/** {"id":{"name":"value",…},…} → [id name="value" …]…, byte by byte. */
export function writtenStructuredData(json: string): string {
  let at = 0;
  const expect = (text: string) => {
    if (!json.startsWith(text, at)) refuse('structured data that is none');
    at += text.length;
  };
  const upToQuote = () => {
    const from = at;
    at = json.indexOf('"', from) + 1;
    return at > 0 ? json.slice(from, at - 1) : refuse('structured data that is none');
  };
  let out = '';
  for (expect('{"'); ; expect(',"')) {
    out += `[${upToQuote()}`;
    expect(':{');
    for (let comma = false; json[at] !== '}' || comma; ) {
      expect('"');
      out += ` ${upToQuote()}="`;
      expect(':"');
      out += `${upToQuote()}"`;
      comma = json[at] === ',';
      if (comma) at++;
      else if (json[at] !== '}') refuse('structured data that is none');
    }
    at++;
    out += ']';
    if (json[at] === '}') break;
  }
  if (at + 1 !== json.length) refuse('structured data that is none');
  return out;
}
