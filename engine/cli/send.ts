/**
 * `penstock send`: a load generator for trying things out and for the bench. Prints one line of JSON when done.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import {
  type LoadOptions,
  type LoadResult,
  type LoadTemplate,
  runLoad,
  stopLoad,
} from '../../native/load-generator.js';
import { runHttpsLoad } from '../load/https-load.js';
import { type MessageFormat, renderMessages } from '../load/messages.js';
import { buildTemplate, type WireFraming } from '../load/template.js';
import { runTlsLoad, type TlsLoadOptions } from '../load/tls-load.js';

export const sendHelp = `Usage: penstock send --to URL [options]

  --to URL            syslog+udp://, syslog+tcp://, syslog+tls://, ndjson+tcp://, ndjson+tls://, http:// or https://host:port[/path]
  --file FILE         send its lines (also of a gzip file), over and over, instead of generated messages
  --format FORMAT     rfc5424 (default), rfc3164 or json (default for ndjson, http and https)
  --framing FRAMING   lf (default) or octet: octet counting (RFC 6587; default for syslog+tls)
  --count N           stop after N events
  --seconds S         stop after S seconds (default 10 when there is no --count)
  --rate N            events a second over all connections; 0 (default): as fast as possible
  --connections N     default 1
  --seed N            of the generated messages; default 1
  --messages N        distinct messages generated; default 20000
  --chunk BYTES       bytes a write, and a body over HTTP; default 65536
  --header LINE       of HTTP requests, e.g. 'Authorization: Bearer TOKEN'; may be given several times
  --ca FILE           authority of the server's certificate (TLS)
  --cert, --key FILE  certificate and key of the sender (TLS)
`;

const defaultSeconds = 10;
const usageExit = 64;
const gzipMagic = 0x1f8b;

/** Exit code: 0, 1 when sending failed, 64 for wrong usage. */
export async function runSend(argv: readonly string[]): Promise<number> {
  let plan: SendPlan | 'help';
  try {
    plan = readPlan(argv);
  } catch (error) {
    process.stderr.write(`penstock send: ${error instanceof Error ? error.message : error}\n\n${sendHelp}`);
    return usageExit;
  }
  if (plan === 'help') {
    process.stdout.write(sendHelp);
    return 0;
  }
  const stopped = new AbortController();
  const stop = (): void => {
    stopLoad();
    stopped.abort();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const template = buildTemplate(plan.messages, plan.framing);
  const result = plan.tls
    ? await runSecured({ ...plan.load, ...plan.tls, stop: stopped.signal }, template)
    : await runLoad(plan.load, template);
  const { sent, bytes, seconds, retries, error } = result;
  const summary = { sent, bytes, seconds, rate: sent / seconds, connections: plan.load.connections, retries };
  process.stdout.write(`${JSON.stringify(error === '' ? summary : { ...summary, error })}\n`);
  return error === '' ? 0 : 1;
}

function runSecured(options: TlsLoadOptions, template: LoadTemplate): Promise<LoadResult> {
  return options.transport === 'http' ? runHttpsLoad(options, template) : runTlsLoad(options, template);
}

interface SendPlan {
  readonly load: LoadOptions;
  readonly tls: Pick<TlsLoadOptions, 'ca' | 'cert' | 'key'> | null;
  readonly framing: WireFraming;
  readonly messages: readonly (string | Buffer)[];
}

interface Target {
  readonly transport: LoadOptions['transport'];
  readonly tls: boolean;
  readonly json: boolean;
  readonly port: number;
}

const targets: Readonly<Record<string, Target>> = {
  'syslog+udp:': { transport: 'udp', tls: false, json: false, port: 514 },
  'syslog+tcp:': { transport: 'tcp', tls: false, json: false, port: 601 },
  'syslog+tls:': { transport: 'tcp', tls: true, json: false, port: 6514 },
  'ndjson+tcp:': { transport: 'tcp', tls: false, json: true, port: 5170 },
  'ndjson+tls:': { transport: 'tcp', tls: true, json: true, port: 5170 },
  'http:': { transport: 'http', tls: false, json: true, port: 8088 },
  'https:': { transport: 'http', tls: true, json: true, port: 8088 },
};

function readPlan(argv: readonly string[]): SendPlan | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      to: text,
      file: text,
      format: text,
      framing: text,
      count: text,
      seconds: text,
      rate: text,
      connections: text,
      seed: text,
      messages: text,
      chunk: text,
      ca: text,
      cert: text,
      key: text,
      header: { type: 'string', multiple: true },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  if (values.to === undefined) throw new Error('--to is missing');
  const url = URL.canParse(values.to) ? new URL(values.to) : null;
  const target = url === null ? undefined : targets[url.protocol];
  if (url === null || !target)
    throw new Error(
      `--to ${values.to}: a URL with one of ${Object.keys(targets)
        .map((scheme) => scheme.slice(0, -1))
        .join(', ')}`,
    );
  if (url.hostname === '') throw new Error(`--to ${values.to}: it names no host`);
  if (url.username !== '') throw new Error("--to: give credentials as --header 'Authorization: …'");
  const format = oneOf('format', values.format ?? (target.json ? 'json' : 'rfc5424'), [
    'rfc5424',
    'rfc3164',
    'json',
  ] as const);
  const framing = oneOf('framing', values.framing ?? (url.protocol === 'syslog+tls:' ? 'octet' : 'lf'), [
    'lf',
    'octet',
  ] as const);
  const count = whole('count', values.count, 1, Number.MAX_SAFE_INTEGER, 0);
  const seconds = whole('seconds', values.seconds, 1, 86_400, count > 0 ? 0 : defaultSeconds);
  return {
    tls: target.tls ? pemFiles(values) : null,
    framing: target.transport === 'udp' ? 'none' : framing,
    messages: messages(
      values.file,
      format,
      whole('messages', values.messages, 1, 1e6, 20_000),
      whole('seed', values.seed, 0, 2 ** 31, 1),
    ),
    load: {
      transport: target.transport,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? target.port : Number(url.port),
      path: (url.pathname.length > 1 ? url.pathname : '/ingest') + url.search,
      headers: {
        ...(target.transport === 'http' && { host: url.host }),
        'content-type': format === 'json' ? 'application/x-ndjson' : 'text/plain',
        ...headers(values.header ?? [], target),
      },
      connections: whole('connections', values.connections, 1, 10_000, 1),
      rate: whole('rate', values.rate, 0, 1e9, 0),
      count,
      seconds,
      chunkBytes: whole('chunk', values.chunk, 1, 8 << 20, 64 << 10),
    },
  };
}

/** @throws Error of a line that is none */
function headers(lines: readonly string[], { transport }: Target): Record<string, string> {
  if (lines.length > 0 && transport !== 'http') throw new Error('--header is for http:// and https://');
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', value = ''] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(line) ?? [];
      if (name === '') throw new Error(`--header ${line.split(':')[0]}…: must be NAME: VALUE in ASCII`);
      return [name.toLowerCase(), value];
    }),
  );
}

function pemFiles(given: { ca?: string; cert?: string; key?: string }): SendPlan['tls'] {
  if (!given.cert !== !given.key) throw new Error('--cert and --key belong together');
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  const [ca, cert, key] = [read(given.ca), read(given.cert), read(given.key)];
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function messages(file: string | undefined, format: MessageFormat, count: number, seed: number): (string | Buffer)[] {
  if (file === undefined) return renderMessages(format, count, seed);
  const lines = readPlain(file)
    .toString('latin1')
    .split(/\r?\n/)
    .filter((line) => line.length > 0);
  if (lines.length === 0) throw new Error(`--file ${file}: there is no line in it`);
  return lines.map((line) => Buffer.from(line, 'latin1'));
}

/** @throws Error that names the file */
function readPlain(file: string): Buffer {
  try {
    const bytes = readFileSync(file);
    return bytes.length > 2 && bytes.readUInt16BE(0) === gzipMagic ? gunzipSync(bytes) : bytes;
  } catch (error) {
    throw new Error(`--file ${file}: ${(error as Error).message}`);
  }
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`--${name} ${value}: not one of ${allowed.join(', ')}`);
  return found;
}

function whole(name: string, value: string | undefined, min: number, max: number, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new Error(`--${name} ${value}: not a whole number from ${min} to ${max}`);
  }
  return number;
}
