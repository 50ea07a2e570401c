import { connect, createServer, type Server, type Socket } from 'node:net';

const tickMs = 20;

/** Passes bytes on to a server, towards it no faster than allowed: a slow sink. */
export class ThrottledProxy {
  /** Bytes a second of all connections together; infinite: as they come. */
  bytesPerSecond = Number.POSITIVE_INFINITY;
  /** Where connections go: 127.0.0.1, this port. */
  target = 0;
  readonly #server: Server = createServer((client) => this.#serve(client));
  readonly #clients = new Set<Socket>();
  #allowed = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Resolves with the port. */
  listen(): Promise<number> {
    this.#timer = setInterval(() => this.#refill(), tickMs);
    return new Promise((resolve) =>
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as { port: number }).port)),
    );
  }

  close(): void {
    clearInterval(this.#timer);
    this.#server.close();
    for (const client of this.#clients) client.destroy();
  }

  #serve(client: Socket): void {
    const server = connect({ host: '127.0.0.1', port: this.target, noDelay: true });
    this.#clients.add(client);
    client.setNoDelay(true);
    client.on('data', (bytes: Buffer) => {
      server.write(bytes);
      this.#allowed -= bytes.length;
      if (this.#allowed < 0) client.pause();
    });
    server.on('data', (bytes: Buffer) => client.write(bytes));
    client.on('error', () => server.destroy()).on('close', () => server.destroy());
    server.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('close', () => this.#clients.delete(client));
  }

  #refill(): void {
    const share = (this.bytesPerSecond * tickMs) / 1000;
    this.#allowed = Number.isFinite(share) ? Math.min(this.#allowed + share, share) : Number.POSITIVE_INFINITY;
    if (this.#allowed >= 0) for (const client of this.#clients) client.resume();
  }
}
