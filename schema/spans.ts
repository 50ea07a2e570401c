/** The spans of encoding "compact" (docs/reference/compact.md): which bytes of event.original are which field. */

/** A field's value by its protobuf number; integers as decimal text, JSON as JSON text. */
export type SpanField = readonly [number: number, value: string];

export interface ResolvedSpans {
  /** In order; a repeated field once per element. */
  readonly fields: readonly SpanField[];
  /** Spans of attributes: what `Value.s_span` and `Value.json_span` index. */
  readonly attrs: readonly Uint8Array[];
}

/** Shape of a field as spans need it; undefined: unknown to this reader. */
export type ShapeOf = (number: number) => 'string' | 'json' | 'int' | 'other' | undefined;

const attrsNumber = 15;
const levelNumber = 9;
const priorityNumber = 10;
const facilityNumber = 11;
const severityNumber = 12;
const structuredDataNumber = 18;
const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** @throws Error when the spans do not fit the original or hold what their field cannot */
export function resolveSpans(original: Uint8Array, spans: ArrayLike<number>, shapeOf: ShapeOf): ResolvedSpans {
  if (spans.length % 3 !== 0) throw new Error('not a LogEvent: spans are not three numbers each');
  const fields: SpanField[] = [];
  const attrs: Uint8Array[] = [];
  let structuredData = false;
  let end = 0;
  for (let i = 0; i < spans.length; i += 3) {
    const key = spans[i] as number;
    const offset = (end + (spans[i + 1] as number)) >>> 0;
    end = offset + (spans[i + 2] as number);
    if (end > original.length) throw new Error(`not a LogEvent: a span ends at byte ${end} of ${original.length}`);
    const bytes = original.subarray(offset, end);
    const number = key >>> 1;
    if (number === attrsNumber) attrs.push(bytes);
    else if (key % 2 === 0) addPlain(fields, number, bytes, shapeOf(number));
    else if (number === priorityNumber) addPriority(fields, Number(digits(bytes)));
    else if (number === structuredDataNumber) {
      if (structuredData) throw new Error('not a LogEvent: structured data twice');
      structuredData = true;
      if (bytes.some((byte) => byte < 32)) throw new Error('not a LogEvent: control characters in structured data');
      fields.push([number, structuredDataJson(spanText(bytes))]);
    }
  }
  return { fields, attrs };
}

/** @throws Error when the bytes are not UTF-8 */
export function spanText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Error('not a LogEvent: a span is not UTF-8');
  }
}
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function addPlain(fields: SpanField[], number: number, bytes: Uint8Array, shape: ReturnType<ShapeOf>): void {
  if (shape === 'int') fields.push([number, digits(bytes)]);
  else if (shape === 'string' || shape === 'json') fields.push([number, spanText(bytes)]);
}

function addPriority(fields: SpanField[], priority: number): void {
  if (priority > 191) throw new Error(`not a LogEvent: syslog priority ${priority}`);
  fields.push(
    [priorityNumber, String(priority)],
    [facilityNumber, String(priority >> 3)],
    [severityNumber, String(priority & 7)],
    [levelNumber, severities[priority & 7] as string],
  );
}

function digits(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (!/^(0|[1-9]\d{0,17})$/.test(text)) throw new Error('not a LogEvent: a span is not a decimal number');
  return text;
}

// Names: 33 to 126 without " = \ ]
const element = /\[[!#-<>-[^-~]+(?: [!#-<>-[^-~]+="[^"\\]*")*\]/y;

/** [id name="value"][id2] → {"id":{"name":"value"},"id2":{}} */
function structuredDataJson(text: string): string {
  const elements: string[] = [];
  element.lastIndex = 0;
  for (let at = 0; at < text.length; at = element.lastIndex) {
    const found = element.exec(text)?.[0];
    if (found === undefined) throw new Error('not a LogEvent: malformed structured data');
    const space = found.indexOf(' ');
    const id = found.slice(1, space < 0 ? -1 : space);
    const params =
      space < 0
        ? ''
        : found
            .slice(space, -1)
            .replace(/ ([^ =]+)=("[^"]*")/g, ',"$1":$2')
            .slice(1);
    elements.push(`"${id}":{${params}}`);
  }
  if (elements.length === 0) throw new Error('not a LogEvent: empty structured data');
  return `{${elements.join(',')}}`;
}
