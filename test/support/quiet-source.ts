/** A sender with little to say: a dozen lines at a time, each dozen a frame of its own. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const dozen = 12;
const roundsMax = 4000;

/** Sends numbered lines from `from` on until `enough` says so. Resolves with how many. */
export async function trickle(port: number, from: number, enough: () => Promise<boolean>): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let sent = from;
  for (let round = 0; round < roundsMax; round++) {
    for (let i = 0; i < dozen; i++, sent++) socket.write(line(sent));
    await delay(8);
    if (round % 50 === 49 && (await enough())) break;
  }
  socket.end();
  socket.resume();
  await once(socket, 'close');
  return sent - from;
}

function line(i: number): string {
  const [pid, port] = [(i * 7919) % 32_768, (i * 104_729) % 65_536];
  return `<38>Oct 11 22:14:${10 + (i % 50)} host${i % 7} sshd[${pid}]: Failed password for user${(i * 31) % 101} from 10.0.${i % 256}.${(i * 3) % 256} port ${port} ssh2 event ${i}\n`;
}

/** The numbers of the lines in ECS JSON, sorted. */
export function numbersIn(json: string): number[] {
  return json
    .split('\n')
    .flatMap((event) => / event (\d+)"/.exec(event)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
