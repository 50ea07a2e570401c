import { Agent, type OutgoingHttpHeaders, request } from 'node:http';

/** Posts NDJSON to `/ingest` on one connection, one request after the other, as a sender does that takes the answer at its word. */
export class IngestClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /**
   * How many events of the body, from the first on, the answer says are durable; without a whole answer none is promised.
   * @param more further headers
   */
  post(port: number, body: string, more: OutgoingHttpHeaders = {}): Promise<number> {
    return new Promise((resolve) => {
      const headers = { 'content-type': 'application/x-ndjson', 'content-length': Buffer.byteLength(body), ...more };
      const target = { host: '127.0.0.1', port, path: '/ingest', method: 'POST', agent: this.#agent, headers };
      const post = request(target, (response) => {
        let text = '';
        response.on('data', (part) => (text += part));
        response.on('error', () => resolve(0));
        response.on('end', () => resolve(response.complete ? acceptedIn(text) : 0));
      });
      post.on('error', () => resolve(0));
      post.end(body);
    });
  }

  destroy(): void {
    this.#agent.destroy();
  }
}

function acceptedIn(text: string): number {
  return (JSON.parse(text) as { accepted?: number }).accepted ?? 0;
}
