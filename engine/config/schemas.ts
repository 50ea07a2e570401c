/** The schema registry: the flags' values, checked as far as that needs no file. */
import { resolve } from 'node:path';
import type { Report } from './build-settings.js';
import type { OptionValue } from './parse-value.js';

export interface SchemaSettings {
  /** URLs without credentials; empty: no registry. */
  readonly registries: readonly string[];
  readonly user: string | null;
  readonly password: string | null;
  /** Absolute; null: the authorities Node.js knows. */
  readonly caFile: string | null;
  readonly timeoutMs: number;
  /** False: schemas are only looked up. */
  readonly register: boolean;
  /** Values begin with the id that the registry gave the schema. */
  readonly prefix: boolean;
  /** `{topic}` stands for the topic's name. */
  readonly subject: string;
}

export function readSchemas(
  values: ReadonlyMap<string, OptionValue | null>,
  cwd: string,
  problem: Report,
): SchemaSettings {
  const text = (flag: string) => String(values.get(flag) ?? '');
  const caFile = text('PENSTOCK_SCHEMA_REGISTRY_CA');
  const user = text('PENSTOCK_SCHEMA_REGISTRY_USER');
  const subject = text('PENSTOCK_SCHEMA_SUBJECT');
  if (subject.length > 255 || hasControl(subject))
    problem('PENSTOCK_SCHEMA_SUBJECT', subject, 'at most 255 characters, none of them a control character');
  if (/[{}]/.test(subject.replaceAll('{topic}', '')))
    problem('PENSTOCK_SCHEMA_SUBJECT', subject, "a name in which {topic} alone stands in braces, for the topic's name");
  if (text('PENSTOCK_ENCODING') === 'ocsf' && text('PENSTOCK_SCHEMA_REGISTRY') !== '')
    problem(
      'PENSTOCK_SCHEMA_REGISTRY',
      text('PENSTOCK_SCHEMA_REGISTRY'),
      'unset: with PENSTOCK_ENCODING=ocsf the schema is OCSF’s own',
    );
  return {
    registries: readUrls(text('PENSTOCK_SCHEMA_REGISTRY'), problem),
    user: user === '' ? null : user,
    password: user === '' ? null : text('PENSTOCK_SCHEMA_REGISTRY_PASSWORD'),
    caFile: caFile === '' ? null : resolve(cwd, caFile),
    timeoutMs: Number(values.get('PENSTOCK_SCHEMA_REGISTRY_TIMEOUT_MS')),
    register: values.get('PENSTOCK_SCHEMA_REGISTER') === true,
    prefix: readPrefix(text, problem),
    subject,
  };
}

/** Only a registry gives ids, and only to what it has a type for. */
function readPrefix(text: (flag: string) => string, problem: Report): boolean {
  const id = text('PENSTOCK_SCHEMA_ID');
  if (id !== 'prefix') return false;
  const encoding = text('PENSTOCK_ENCODING');
  if (text('PENSTOCK_SCHEMA_REGISTRY') === '') problem('PENSTOCK_SCHEMA_ID', id, 'only with PENSTOCK_SCHEMA_REGISTRY');
  if (encoding === 'frames' || encoding === 'msgpack')
    problem('PENSTOCK_SCHEMA_ID', id, `header: registries have no type for PENSTOCK_ENCODING=${encoding}`);
  return true;
}

function readUrls(text: string, problem: Report): string[] {
  const urls = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return urls.filter((part) => {
    const url = URL.canParse(part) ? new URL(part) : null;
    if (url === null || !['http:', 'https:'].includes(url.protocol)) {
      problem('PENSTOCK_SCHEMA_REGISTRY', part.replace(/\/\/[^@/]*@/, '//'), 'a URL such as https://registry:8081');
      return false;
    }
    if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
      const allowed = 'no credentials, query or fragment; PENSTOCK_SCHEMA_REGISTRY_USER and _PASSWORD tell who asks';
      problem('PENSTOCK_SCHEMA_REGISTRY', url.origin, allowed);
      return false;
    }
    return true;
  });
}

const hasControl = (text: string) => [...text].some((c) => c < ' ' || c === '\u007f');
