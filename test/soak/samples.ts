import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type PenstockProcess, sumMetric } from '../support/penstock-process.js';

/** What must stay as it is however long the engine runs. */
export interface Sample {
  readonly seconds: number;
  readonly memoryBytes: number;
  /** Of these, JavaScript's on the main thread, and its buffers. */
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** Open files, sockets not counted: those are the senders' connections. */
  readonly files: number;
  readonly series: number;
  readonly connections: number;
  readonly delivered: number;
  readonly unaccounted: number;
  readonly breaches: number;
}

export async function takeSample(penstock: PenstockProcess, startedMs: number): Promise<Sample> {
  const metrics = await penstock.metrics();
  const connections = sumMetric(metrics, 'penstock_listener_connections_open');
  const { pid } = penstock.child;
  return {
    seconds: (Date.now() - startedMs) / 1000,
    memoryBytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024,
    heapBytes: sumMetric(metrics, 'nodejs_heap_size_used_bytes'),
    externalBytes: sumMetric(metrics, 'nodejs_external_memory_bytes'),
    files: openFiles(pid ?? 0),
    series: metrics.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length,
    connections,
    delivered: sumMetric(metrics, 'penstock_events_delivered_total'),
    unaccounted: sumMetric(metrics, 'penstock_unaccounted_events'),
    breaches: sumMetric(metrics, 'penstock_ledger_breaches_total'),
  };
}

export interface Limits {
  readonly memoryPart: number;
  readonly files: number;
  readonly series: number;
}

/** Sentences about what did not stay as it was; none: all did. */
export function unsteady(samples: readonly Sample[], limits: Limits): string[] {
  const found: string[] = [];
  const range = (pick: (sample: Sample) => number): [number, number] => {
    const values = samples.map(pick);
    return [Math.min(...values), Math.max(...values)];
  };
  const [least, most] = range((sample) => sample.memoryBytes);
  const middle = (least + most) / 2;
  if (most - middle > limits.memoryPart * middle)
    found.push(
      `memory went from ${mebibytes(least)} to ${mebibytes(most)} MiB: more than ±${limits.memoryPart * 100} %`,
    );
  const [fewest, files] = range((sample) => sample.files);
  if (files - fewest > limits.files) found.push(`open files besides connections went from ${fewest} to ${files}`);
  const [fewer, series] = range((sample) => sample.series);
  if (series - fewer > limits.series) found.push(`metric series went from ${fewer} to ${series}`);
  for (const figure of ['unaccounted', 'breaches'] as const) {
    const [, worst] = range((sample) => sample[figure]);
    if (worst > 0) found.push(`${figure} reached ${worst}`);
  }
  return found;
}

function openFiles(pid: number): number {
  const names = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return 'socket:'; // closed since it was listed
    }
  });
  return names.filter((name) => !name.startsWith('socket:')).length;
}

export function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
