/** What the original says in other words than the fields: times and structured data. */
import { refuse } from './bytes.js';

const nsPerSecond = 1_000_000_000n;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

interface TimeForm {
  readonly kind: 'rfc3339' | 'rfc3164';
  readonly digits: number;
  readonly zone: string;
  readonly offsetSeconds: number;
}

/** A time, ns since 1970, as the original has it. */
export function writtenTime(ns: bigint, form: TimeForm): Buffer {
  const fraction = ((ns % nsPerSecond) + nsPerSecond) % nsPerSecond;
  const seconds = Number((ns - fraction) / nsPerSecond) + form.offsetSeconds;
  const local = new Date(seconds * 1000);
  const iso = local.toISOString();
  if (form.kind === 'rfc3164') {
    const day = String(local.getUTCDate()).padStart(2, ' ');
    return Buffer.from(`${months[local.getUTCMonth()]} ${day} ${iso.slice(11, 19)}`, 'latin1');
  }
  let text = iso.slice(0, 19);
  if (form.digits > 0) text += `.${fraction.toString().padStart(9, '0').slice(0, form.digits)}`;
  text += form.zone;
  if (form.zone !== 'Z') {
    const minutes = Math.floor(Math.abs(form.offsetSeconds) / 60);
    const two = (n: number) => String(n % 100).padStart(2, '0');
    text += `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }
  return Buffer.from(text, 'latin1');
}

/** {"id":{"name":"value",…},…} → [id name="value" …]…, byte by byte. */
export function writtenStructuredData(json: Buffer): Buffer {
  const text = json.toString('latin1');
  const whole =
    /^\{"[^"]*":\{(?:"[^"]*":"[^"]*"(?:,(?=")|(?=\})))*\}(?:,"[^"]*":\{(?:"[^"]*":"[^"]*"(?:,(?=")|(?=\})))*\})*\}$/;
  if (!whole.test(text)) refuse('structured data that is none');
  let out = '';
  for (const [, id, params] of text.matchAll(/"([^"]*)":\{((?:"[^"]*":"[^"]*",?)*)\}/g)) {
    out += `[${id}${[...(params as string).matchAll(/"([^"]*)":"([^"]*)"/g)].map(([, name, value]) => ` ${name}="${value}"`).join('')}]`;
  }
  return Buffer.from(out, 'latin1');
}
