/** `penstock send` as a process of its own, against listeners that do not do what it hopes for. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { projectRoot } from '../../native/load.js';
import { temporaryDirectory } from '../../test/support/journal.js';
import { until } from '../../test/support/until.js';

const tls = join(projectRoot, 'test/data/tls');

/** Accepts connections and reads nothing, as a listener does whose journal is full. */
async function deafServer(t: TestContext, secure: boolean): Promise<{ port: number; connections: Set<Socket> }> {
  const connections = new Set<Socket>();
  const server: Server = secure
    ? createTlsServer({ key: readFileSync(join(tls, 'key.pem')), cert: readFileSync(join(tls, 'certificate.pem')) })
    : createServer({ pauseOnConnect: true });
  server.on(secure ? 'secureConnection' : 'connection', (socket: Socket) => {
    socket.pause().on('error', () => undefined);
    connections.add(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connections };
}

function send(...args: string[]): ChildProcess {
  return spawn(join(projectRoot, 'bin/penstock'), ['send', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function result(
  child: ChildProcess,
): Promise<{ code: number | null; said: { sent: number; retries: number; error?: string } }> {
  const ended = once(child, 'close');
  const said = JSON.parse(await text(child.stdout as NodeJS.ReadableStream));
  const [code] = await ended;
  return { code, said };
}

test('a listener that reads nothing does not hold up the end', { timeout: 60_000 }, async (t) => {
  const { port } = await deafServer(t, false);
  const { code, said } = await result(send('--to', `syslog+tcp://127.0.0.1:${port}`, '--seconds', '1'));
  assert.equal(code, 1);
  assert.match(said.error ?? '', /^gave up: the listener takes nothing/);
  assert.ok(said.sent > 0, 'what fits into the buffers between was sent');
});

for (const scheme of ['syslog+tcp', 'http', 'syslog+tls'])
  test(`Ctrl-C ends it over ${scheme} although the listener reads nothing`, { timeout: 60_000 }, async (t) => {
    const { port, connections } = await deafServer(t, scheme === 'syslog+tls');
    const to = `${scheme}://127.0.0.1:${port}`;
    const child = send('--to', to, '--count', '100000000', '--ca', join(tls, 'certificate.pem'));
    const ended = result(child);
    await until('it has connected', () => connections.size > 0);
    child.kill('SIGINT');
    const { code, said } = await ended;
    assert.equal(code, 1);
    assert.match(said.error ?? '', /^gave up/);
  });

for (const scheme of ['http', 'https'])
  test(`${scheme}: what the listener refuses for now is sent again, with the headers given`, {
    timeout: 60_000,
  }, async (t) => {
    let [refused, events] = [0, 0];
    const answer: RequestListener = async (request, response) => {
      const body = await text(request);
      assert.equal(request.headers.authorization, 'Bearer secret: x');
      assert.equal(request.headers['content-type'], 'application/x-ndjson');
      const status = refused++ === 0 ? 429 : 200;
      if (status === 200) events += body.split('\n').filter((line) => JSON.parse(line || 'null') !== null).length;
      response.writeHead(status, { 'retry-after': '1', 'content-length': 2 }).end('{}');
    };
    const pem = (name: string) => readFileSync(join(tls, name));
    const server =
      scheme === 'http'
        ? createHttpServer(answer)
        : createHttpsServer({ key: pem('key.pem'), cert: pem('certificate.pem') }, answer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const to = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/ingest`;
    const options = ['--header', 'Authorization: Bearer secret: x', '--connections', '2', '--chunk', '20000'];
    const more = scheme === 'https' ? ['--ca', join(tls, 'certificate.pem')] : [];
    const { code, said } = await result(send('--to', to, '--count', '500', ...options, ...more));
    assert.deepEqual([said.error, code, said.sent, said.retries, events], [undefined, 0, 500, 1, 500]);
  });

test('nothing to send is wrong usage, told in a sentence', () => {
  const cases: [string[], RegExp][] = [
    [['--file', '/dev/null'], /^penstock send: --file \/dev\/null: there is no line in it\n/],
    [['--to', 'somewhere'], /^penstock send: --to somewhere: a URL with one of syslog\+udp, /],
    [['--header', 'X: y'], /^penstock send: --header is for http:\/\/ and https:\/\/\n/],
    [['--to', 'http://h', '--header', 'no colon'], /^penstock send: --header no colon…: must be NAME: VALUE/],
    [['--to', 'https://h', '--cert', '/dev/null'], /^penstock send: --cert and --key belong together\n/],
    [['--to', 'http://me:secret@h'], /^penstock send: --to: give credentials as --header 'Authorization: …'\n/],
    [['--count', '0'], /^penstock send: --count 0: not a whole number from 1 /],
  ];
  for (const [args, expected] of cases) {
    const ended = spawnSync(join(projectRoot, 'bin/penstock'), ['send', '--to', 'syslog+tcp://127.0.0.1:1', ...args], {
      encoding: 'utf8',
    });
    assert.equal(ended.status, 64, ended.stderr);
    assert.match(ended.stderr, expected);
  }
});

test('a listener that goes half way is told of, whether it hangs up or resets', { timeout: 60_000 }, async (t) => {
  for (const why of ['closed the connection', 'ECONNRESET']) {
    const raw = new Set<Socket>();
    const pem = (name: string) => readFileSync(join(tls, name));
    const server = createTlsServer({ key: pem('key.pem'), cert: pem('certificate.pem') }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        if (why === 'ECONNRESET') for (const one of raw) one.resetAndDestroy();
        else socket.end();
      });
    });
    server.on('connection', (socket: Socket) => raw.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const to = `syslog+tls://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, said } = await result(
      send('--to', to, '--ca', join(tls, 'certificate.pem'), '--rate', '100', '--seconds', '50'),
    );
    assert.equal(code, 1);
    assert.match(said.error ?? '', new RegExp(why));
  }
});

test('what is behind a port that is not what was meant is told with what to do', { timeout: 60_000 }, async (t) => {
  const http = createHttpServer();
  const { port: secured } = await deafServer(t, true);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => http.close());
  const { port } = http.address() as AddressInfo;
  const cases: [string, RegExp][] = [
    [`syslog+tcp://127.0.0.1:${port}`, /^it answered as HTTP does: is the port right\?$/],
    [`https://127.0.0.1:${port}`, /: is this a port for TLS\?$/],
    [`syslog+tls://127.0.0.1:${secured}`, /: name its authority, or the certificate itself: --ca FILE$/],
    ['syslog+tcp://[::1]:1', /^cannot connect to \[::1\]:1: Connection refused \(does anything listen there\?\)$/],
    ['https://127.0.0.1:1', /: does anything listen there\?$/],
  ];
  for (const [to, expected] of cases) {
    const { code, said } = await result(send('--to', to, '--count', '10'));
    assert.match(said.error ?? '', expected);
    assert.equal(code, 1);
  }
});

test('over HTTP: the rate although answers take their time, the host as in the URL, the path with its query, lines of a gzip file', {
  timeout: 60_000,
}, async (t) => {
  const events: string[] = [];
  const server = createHttpServer(async (request, response) => {
    assert.equal(request.headers.host, `[::1]:${(server.address() as AddressInfo).port}`);
    assert.equal(request.url, '/ingest?a=b');
    events.push(...(await text(request)).trimEnd().split('\n'));
    setTimeout(() => response.end(), 100);
  });
  server.listen(0, '::1');
  await once(server, 'listening');
  t.after(() => server.close());
  const file = join(temporaryDirectory(t), 'lines.gz');
  writeFileSync(file, gzipSync('one\r\n\ntwo'));
  const to = `http://[::1]:${(server.address() as AddressInfo).port}/ingest?a=b`;
  const { code, said } = await result(send('--to', to, '--file', file, '--rate', '1000', '--seconds', '3'));
  assert.deepEqual([said.error, code], [undefined, 0]);
  assert.ok(said.sent > 1500 && said.sent <= 3001, `${said.sent} sent`);
  assert.deepEqual(new Set(events), new Set(['one', 'two']));
});
