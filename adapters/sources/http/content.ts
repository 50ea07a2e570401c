/** What a body holds, from its Content-Type (RFC 9110 section 8.3). */
import { Refusal } from './refusal.js';

/**
 * 'sniff': no type was given; the first character decides between JSON and text. 'curl': the type that `curl -d` sends
 * whatever the data; as sniff, and since `curl -d @file` takes the line ends out, JSON objects may stand side by side.
 */
export type ContentKind = 'ndjson' | 'json' | 'text' | 'avro' | 'sniff' | 'curl';

const accepted = 'application/x-ndjson, application/jsonl, application/json, application/avro, text/plain';
const ndjson = new Set(['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines']);
const avro = new Set(['application/avro', 'avro/binary', 'application/x-avro', 'application/vnd.apache.avro']);
const charsets = new Set(['utf-8', 'utf8', 'us-ascii']);

export function contentKind(header: string | undefined): ContentKind {
  if (header === undefined || header.trim() === '') return 'sniff';
  const [type = '', ...parameters] = header.toLowerCase().split(';');
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=');
    if (name.trim() !== 'charset') continue;
    const charset = value.trim().replace(/^"(.*)"$/, '$1');
    if (!charsets.has(charset)) throw new Refusal(415, `charset ${charset} is not supported: send UTF-8`);
  }
  const essence = type.trim();
  if (ndjson.has(essence)) return 'ndjson';
  if (/^application\/([\w.-]+\+)?json$/.test(essence)) return 'json';
  if (essence === 'text/plain') return 'text';
  if (avro.has(essence)) return 'avro';
  if (essence === 'application/x-www-form-urlencoded') return 'curl';
  throw new Refusal(415, `Content-Type ${essence} is not supported: send one of ${accepted}`, { accept: accepted });
}
