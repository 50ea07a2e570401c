/**
 * A schema registry as Confluent's REST API has it (also Karapace, Apicurio's ccompat, Redpanda): the calls that registering takes, and those that reading does.
 * https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export type SchemaType = 'PROTOBUF' | 'AVRO' | 'JSON';

export interface SchemaText {
  readonly type: SchemaType;
  readonly text: string;
}

/** A schema whose types another one names. */
export interface SchemaReference {
  readonly subject: string;
  readonly version: number;
}

export interface StoredSchema extends SchemaText {
  readonly references: readonly SchemaReference[];
}

export interface RegistryEndpoint {
  /** http: or https:, tried in turn. */
  readonly urls: readonly string[];
  readonly user: string | null;
  readonly password: string | null;
  /** PEM text; null: the authorities Node.js knows. */
  readonly ca: string | null;
  readonly timeoutMs: number;
}

/** Why a call failed. `again`: whether the same call may succeed later without anybody changing the schema. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  constructor(
    /** Of the registry (40401, 409 …), or 0: it did not answer. */
    readonly code: number,
    message: string,
    readonly again: boolean,
  ) {
    super(message);
  }
}

const contentType = 'application/vnd.schemaregistry.v1+json';
/** The largest answer is a schema; a peer that sends more is none. */
const answerBytesMax = 8 * 2 ** 20;
const messageCharsMax = 500;

export class RegistryClient {
  /** Of `urls`: the one that answered last. */
  #current = 0;

  constructor(private readonly endpoint: RegistryEndpoint) {}

  /** The id of a schema under a subject; null: it is not there. */
  async find(subject: string, schema: SchemaText, signal: AbortSignal): Promise<number | null> {
    try {
      return idOf(await this.#call('POST', `/subjects/${encodeURIComponent(subject)}`, body(schema), signal));
    } catch (error) {
      // 40401: no such subject; 40403: no such schema under it.
      if (error instanceof RegistryError && [404, 40401, 40403].includes(error.code)) return null;
      throw error;
    }
  }

  /** The schema of an id; null: there is none. */
  schemaOf(id: number, signal: AbortSignal): Promise<StoredSchema | null> {
    return this.#stored(`/schemas/ids/${id}`, signal);
  }

  /** A version of a subject; null: there is none. */
  schemaAt({ subject, version }: SchemaReference, signal: AbortSignal): Promise<StoredSchema | null> {
    return this.#stored(`/subjects/${encodeURIComponent(subject)}/versions/${version}`, signal);
  }

  async #stored(path: string, signal: AbortSignal): Promise<StoredSchema | null> {
    try {
      const { schema, schemaType, references } = await this.#call('GET', path, '', signal);
      if (typeof schema !== 'string') throw new RegistryError(0, `the registry answered no schema for ${path}`, true);
      // AVRO is what a registry leaves out.
      return { type: (schemaType ?? 'AVRO') as SchemaType, text: schema, references: referencesOf(references) };
    } catch (error) {
      // 40401: no such subject; 40402: no such version; 40403: no such schema.
      if (error instanceof RegistryError && [404, 40401, 40402, 40403].includes(error.code)) return null;
      throw error;
    }
  }

  /** Why the schema may not follow the subject's latest one, in the registry's words; empty: it may. */
  async incompatibilities(subject: string, schema: SchemaText, signal: AbortSignal): Promise<readonly string[]> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions/latest?verbose=true`;
    try {
      const answer = await this.#call('POST', path, body(schema), signal);
      if (answer.is_compatible !== false) return [];
      const messages = Array.isArray(answer.messages) ? answer.messages.map(String) : [];
      return messages.length > 0 ? messages : ['it gives no reason'];
    } catch (error) {
      // 40401, 40402: no subject or version yet, so nothing to be compatible with.
      if (error instanceof RegistryError && [404, 40401, 40402].includes(error.code)) return [];
      throw error;
    }
  }

  /** Registers a schema under a subject, also one it has. Resolves with the schema's id. */
  async register(subject: string, schema: SchemaText, signal: AbortSignal): Promise<number> {
    return idOf(await this.#call('POST', `/subjects/${encodeURIComponent(subject)}/versions`, body(schema), signal));
  }

  /** Tries every URL once, the one that answered last first. */
  async #call(method: string, path: string, text: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    const { urls } = this.endpoint;
    let failure: RegistryError | null = null;
    for (let tried = 0; tried < urls.length; tried++) {
      const index = (this.#current + tried) % urls.length;
      try {
        const answer = await this.#send(new URL(urls[index]!.replace(/\/$/, '') + path), method, text, signal);
        this.#current = index;
        return answer;
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        // An answer is an answer; another node is asked when this one is down, or says that it cannot.
        if (error.code !== 0 && !(error.code >= 500 && error.code <= 599) && !(error.code >= 50001)) throw error;
        failure = error;
        if (signal.aborted) break;
      }
    }
    throw failure ?? new RegistryError(0, 'no registry is configured', false);
  }

  async #send(url: URL, method: string, text: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    const { user, password, ca, timeoutMs } = this.endpoint;
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const outgoing = request(url, {
          method,
          headers: {
            'content-type': contentType,
            accept: `${contentType}, application/json;q=0.5`,
            'content-length': Buffer.byteLength(text),
          },
          ...(user !== null && { auth: `${user}:${password ?? ''}` }),
          ...(ca !== null && { ca }),
          signal: AbortSignal.any([signal, timeout]),
        });
        outgoing.on('response', resolve).on('error', reject);
        outgoing.end(text);
      });
      return parseAnswer(response.statusCode ?? 0, await readText(response));
    } catch (error) {
      if (error instanceof RegistryError) throw error;
      const { message, code } = error as NodeJS.ErrnoException;
      const reason = timeout.aborted ? `no answer within ${timeoutMs} ms` : message || code || 'no connection';
      throw new RegistryError(0, `${url.origin}: ${reason}`, true);
    }
  }
}

const body = ({ type, text }: SchemaText): string =>
  // AVRO is what a registry assumes; those from before 5.5 refuse the field.
  JSON.stringify(type === 'AVRO' ? { schema: text } : { schemaType: type, schema: text });

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new RegistryError(0, `an answer of more than ${answerBytesMax} bytes`, true);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** @throws RegistryError for anything but an object with a status below 300 */
function parseAnswer(status: number, text: string): Record<string, unknown> {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = null;
  }
  const object =
    typeof answer === 'object' && answer !== null && !Array.isArray(answer)
      ? (answer as Record<string, unknown>)
      : null;
  if (status < 300 && object !== null) return object;
  if (status < 300) throw new RegistryError(0, 'the answer is not a JSON object: is this a schema registry?', true);
  const code = Number.isInteger(object?.error_code) ? Number(object?.error_code) : status;
  const message = String(object?.message ?? text).slice(0, messageCharsMax);
  // 409: incompatible; 422: refused as it is. A registry of Confluent says 404 for what others have not got either.
  throw new RegistryError(code, `${code} ${message}`.trim(), ![409, 422].includes(status));
}

function idOf(answer: Record<string, unknown>): number {
  const id = Number(answer.id);
  if (Number.isInteger(id) && id >= 0 && id <= 0x7fffffff) return id;
  throw new RegistryError(0, `the registry answered the id ${JSON.stringify(answer.id)}`, true);
}

function referencesOf(value: unknown): readonly SchemaReference[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: { subject?: unknown; version?: unknown } | null) =>
    typeof each?.subject === 'string' && Number.isSafeInteger(each.version)
      ? [{ subject: each.subject, version: each.version as number }]
      : [],
  );
}
