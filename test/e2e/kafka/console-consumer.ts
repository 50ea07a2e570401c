import { spawn } from 'node:child_process';
import { patienceMs } from '../../support/until.js';
import { kafkaJars } from './jars.js';

/** Reads a topic with Apache's own console consumer: the values of `count` records (text, one a line), or what came in `timeoutMs`. */
export function consoleConsume(
  bootstrap: string,
  topic: string,
  count: number,
  timeoutMs = patienceMs,
  more: readonly string[] = [],
): Promise<string[]> {
  const args = [...more, '--bootstrap-server', bootstrap, '--topic', topic, '--from-beginning'];
  const limits = ['--max-messages', String(count), '--timeout-ms', String(timeoutMs)];
  return new Promise((resolve, reject) => {
    const java = ['-cp', `${kafkaJars()}/*`, '-Xmx256m', '-XX:TieredStopAtLevel=1'];
    const child = spawn('java', [...java, 'org.apache.kafka.tools.consumer.ConsoleConsumer', ...args, ...limits], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', () => {
      const lines = Buffer.concat(chunks).toString('utf8').split('\n');
      resolve(lines.slice(0, -1));
    });
  });
}

/**
 * All there is, when it should be `expected` records: one more is asked for, so the reading ends by time. On a busy machine that
 * time may be over before the consumer has joined its group: it gets more while it comes with fewer.
 */
export async function consoleConsumeAll(
  bootstrap: string,
  topic: string,
  expected: number,
  more: readonly string[] = [],
): Promise<string[]> {
  let lines: string[] = [];
  for (const timeoutMs of [5_000, 20_000, 60_000, patienceMs]) {
    lines = await consoleConsume(bootstrap, topic, expected + 1, timeoutMs, more);
    if (lines.length >= expected) break;
  }
  return lines;
}
