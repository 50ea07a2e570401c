/** A TLS client that does not know the authority of the server's certificate, and says so as OpenSSL's clients do; Node's say nothing. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Fatal, unknown_ca (RFC 5246 section 7.2). */
const alert = Buffer.from([21, 3, 3, 0, 2, 2, 48]);

/** Resolves when the connection is closed. */
export async function refuseCertificate(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.once('data', () => socket.write(alert)).resume();
  socket.write(await clientHello());
  await new Promise((resolve) => socket.once('close', resolve));
}

/** As Node would send it. */
async function clientHello(): Promise<Buffer> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connectTls({ port: (server.address() as AddressInfo).port, maxVersion: 'TLSv1.2' });
  client.on('error', () => {});
  const [accepted] = await once(server, 'connection');
  const [hello] = await once(accepted, 'data');
  client.destroy();
  accepted.destroy();
  server.close();
  return hello;
}
