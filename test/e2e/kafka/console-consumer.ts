import { spawn } from 'node:child_process';
import { kafkaJars } from './jars.js';

/** Reads a topic with Apache's own console consumer: the values of `count` records (text, one a line), or what came in `timeoutMs`. */
export function consoleConsume(
  bootstrap: string,
  topic: string,
  count: number,
  timeoutMs = 30_000,
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
