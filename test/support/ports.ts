/**
 * Ports of loopback servers that are told their port before they listen, and listen on it again after a restart. The system does
 * not give these ports to outgoing connections, and no two processes that ask here are given the same: a process owns blocks of
 * ports, each by listening on its first port for as long as the process lives.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

const address = '127.0.0.1';
const blockPorts = 64;
/** Below are ports of well-known services. */
const lowest = 15_000;
const highest = 65_535;

const owners: Server[] = [];
let next = 0;
let end = 0;
let turn: Promise<unknown> = Promise.resolve();

/** Ports that nobody listens on, by TCP or UDP; never the same twice in a process. */
export function freePorts(count: number): Promise<number[]> {
  const ports = turn.then(async () => {
    const found: number[] = [];
    while (found.length < count) found.push(await freePort());
    return found;
  });
  turn = ports.catch(() => {});
  return ports;
}

async function freePort(): Promise<number> {
  for (;;) {
    if (next === end) await takeBlock();
    const port = next++;
    if (await isFree(port)) return port;
  }
}

async function takeBlock(): Promise<void> {
  const [from, to] = ownRange();
  const blocks = Math.floor((to - from) / blockPorts);
  const first = Math.floor(Math.random() * blocks);
  for (let i = 0; i < blocks; i++) {
    const begin = from + ((first + i) % blocks) * blockPorts;
    const owner = createServer((socket) => socket.destroy()).unref();
    if (!(await listens(owner, begin))) continue;
    owners.push(owner); // held, and so its port
    [next, end] = [begin + 1, begin + blockPorts];
    return;
  }
  throw new Error(`every port from ${from} to ${to} is taken`);
}

/** The larger of the ranges below and above the ports of outgoing connections (ip(7), ip_local_port_range). */
function ownRange(): readonly [from: number, to: number] {
  const [first = highest, last = highest] = outgoingPorts();
  const [below, above] = [Math.max(0, first - lowest), highest - last];
  if (Math.max(below, above) < 4 * blockPorts) return [lowest, highest];
  return below >= above ? [lowest, first] : [Math.max(lowest, last + 1), highest];
}

function outgoingPorts(): number[] {
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number);
  } catch {
    return [49_152, highest]; // RFC 6335, section 6
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  if (!(await listens(server, port))) return false;
  await new Promise((resolve) => server.close(resolve));
  const socket = createSocket('udp4');
  try {
    socket.bind(port, address);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => resolve(true));
  });
}
