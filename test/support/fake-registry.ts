/**
 * A schema registry in memory, from Confluent's API reference: the calls that the product makes, with the registry's errors, and
 * those that a test asks for (slow, down, 50001, a wrong password).
 * https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

interface Stored {
  readonly id: number;
  readonly version: number;
  readonly schema: string;
  readonly schemaType: string;
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[];
}

const contentType = 'application/vnd.schemaregistry.v1+json';

export class FakeRegistry {
  readonly subjects = new Map<string, Stored[]>();
  readonly #ids = new Map<string, number>();
  readonly #server: Server;
  /** Method and path of each request, in order. */
  readonly requests: string[] = [];
  /** What is wrong with requests as they came, for the test to look at: a client of the real registry would be refused. */
  readonly offences: string[] = [];
  /** Answers every request so instead; null: as it should. */
  failure: { readonly status: number; readonly body: string } | null = null;
  delayMs = 0;
  /** 'user:password', when one is wanted. */
  credentials: string | null = null;
  /** Says of every schema that follows another that it may not. */
  incompatible = false;
  firstId = 1;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': contentType }).end(body);
      });
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The schema of an id, as a deserialiser asks for it. */
  schemaOf(id: number): string | undefined {
    return this.#storedOf(id)?.schema;
  }

  #storedOf(id: number): Stored | undefined {
    return [...this.subjects.values()].flat().find((stored) => stored.id === id);
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const path = new URL(request.url ?? '/', 'http://registry').pathname;
    this.requests.push(`${request.method} ${path}`);
    if (this.delayMs > 0) await delay(this.delayMs, undefined, { ref: false });
    if (this.failure) return this.failure;
    if (this.credentials !== null && request.headers.authorization !== `Basic ${btoa(this.credentials)}`)
      return error(401, 401, 'Unauthorized');
    if (request.method === 'POST' && request.headers['content-type'] !== contentType)
      this.offences.push(`content-type ${request.headers['content-type']}`);
    return this.#route(request.method ?? '', path.split('/').slice(1).map(decodeURIComponent), Buffer.concat(chunks));
  }

  #route(method: string, path: readonly string[], body: Buffer): { status: number; body: string } {
    if (method === 'GET' && path[0] === 'schemas' && path[1] === 'ids') {
      const stored = this.#storedOf(Number(path[2]));
      if (!stored) return error(404, 40403, 'Schema not found');
      return ok(told(stored));
    }
    if (method === 'GET' && path[0] === 'subjects' && path[2] === 'versions') {
      const versions = this.subjects.get(path[1] ?? '');
      if (!versions) return error(404, 40401, `Subject '${path[1]}' not found.`);
      const stored = versions.find(({ version }) => version === Number(path[3]));
      if (!stored) return error(404, 40402, `Version ${path[3]} not found.`);
      return ok({ subject: path[1], id: stored.id, version: stored.version, ...told(stored) });
    }
    if (method === 'GET' && path[0] === 'config') return ok({ compatibilityLevel: 'BACKWARD' });
    if (method !== 'POST') return error(405, 405, 'HTTP 405 Method Not Allowed');
    const asked = read(body);
    if (asked === null) return error(422, 42201, 'Invalid schema');
    const compatibility = path[0] === 'compatibility';
    const subject = (compatibility ? path[2] : path[1]) ?? '';
    const versions = this.subjects.get(subject);
    if (compatibility) {
      if (!versions) return error(404, 40401, `Subject '${subject}' not found.`);
      const messages = this.incompatible ? ["{errorType:'FIELD_SCALAR_KIND_CHANGED', description:'…'}"] : [];
      return ok({ is_compatible: !this.incompatible, messages });
    }
    if (path[0] !== 'subjects') return error(404, 404, 'HTTP 404 Not Found');
    const known = versions?.find(
      ({ schema, schemaType }) => schema === asked.schema && schemaType === asked.schemaType,
    );
    if (path.length === 2) {
      if (!versions) return error(404, 40401, `Subject '${subject}' not found.`);
      return known ? ok({ subject, ...known }) : error(404, 40403, 'Schema not found');
    }
    if (known) return ok({ id: known.id });
    if (versions && this.incompatible)
      return error(409, 409, 'Schema being registered is incompatible with an earlier schema');
    const id = this.#ids.get(asked.schema) ?? this.firstId + this.#ids.size;
    this.#ids.set(asked.schema, id);
    this.subjects.set(subject, [...(versions ?? []), { id, version: (versions?.length ?? 0) + 1, ...asked }]);
    return ok({ id });
  }
}

/** AVRO, and no references, are what goes without saying. */
function told({ schema, schemaType, references }: Stored): object {
  return { schema, ...(schemaType !== 'AVRO' && { schemaType }), ...(references && { references }) };
}

function read(body: Buffer): { schema: string; schemaType: string } | null {
  try {
    const { schema, schemaType = 'AVRO' } = JSON.parse(body.toString('utf8'));
    if (typeof schema !== 'string' || !['AVRO', 'PROTOBUF', 'JSON'].includes(schemaType)) return null;
    if (schemaType !== 'PROTOBUF') JSON.parse(schema);
    return { schema, schemaType };
  } catch {
    return null;
  }
}

const ok = (body: object) => ({ status: 200, body: JSON.stringify(body) });
const error = (status: number, code: number, message: string) => ({
  status,
  body: JSON.stringify({ error_code: code, message }),
});
