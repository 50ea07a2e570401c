import { spawn } from 'node:child_process';
import { patienceMs } from '../../support/until.js';
import { kafkaJars } from './jars.js';

/** How many records Apache's own console consumer finds in a topic, at most `most`; their values may be any bytes. */
export function consoleCount(bootstrap: string, topic: string, most: number, timeoutMs = patienceMs): Promise<number> {
  const args = ['--bootstrap-server', bootstrap, '--topic', topic, '--from-beginning'];
  const limits = ['--max-messages', String(most), '--timeout-ms', String(timeoutMs)];
  return new Promise((resolve, reject) => {
    const java = ['-cp', `${kafkaJars()}/*`, '-Xmx256m', '-XX:TieredStopAtLevel=1'];
    const child = spawn('java', [...java, 'org.apache.kafka.tools.consumer.ConsoleConsumer', ...args, ...limits], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk) => (text += chunk));
    child.once('error', reject);
    child.once('close', () => {
      const total = /Processed a total of (\d+) messages/.exec(text);
      if (total) resolve(Number(total[1]));
      else reject(new Error(`the console consumer said no total:\n${text}`));
    });
  });
}
