import { setTimeout as delay } from 'node:timers/promises';
import type { PenstockProcess } from '../support/penstock-process.js';
import { Random } from '../support/random.js';
import { TcpSenders } from './tcp-senders.js';

/** Events a second that a few connections which never wait get through to the sink. */
export async function measureCapacity(penstock: PenstockProcess, port: number, seconds: number): Promise<number> {
  const senders = new TcpSenders(port, 8, 500, new Random(1));
  let running = true;
  const feeding = (async () => {
    while (running) {
      senders.send(4000);
      await delay(1);
    }
  })();
  const delivered = () => penstock.metric('penstock_events_delivered_total');
  await delay(seconds * 300);
  const [from, fromMs] = [await delivered(), performance.now()];
  await delay(seconds * 700);
  const [to, toMs] = [await delivered(), performance.now()];
  running = false;
  await feeding;
  await senders.stop();
  return ((to - from) / (toMs - fromMs)) * 1000;
}
