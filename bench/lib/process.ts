/** Child processes of the bench: what they cost (from /proc), and that none stays behind. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** USER_HZ: the kernel fixes it at 100 for user space on every Linux that Node runs on. */
const ticksPerSecond = 100;
const stopGraceMs = 5_000;
const outputBytesMax = 64 << 10;

export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Resolves with the exit code (−1: ended by a signal). */
  readonly exited: Promise<number>;
  /** The last 64 KiB of stdout and stderr. */
  output(): string;
  stop(): Promise<void>;
}

const running = new Set<Child>();

export function start(command: string, args: readonly string[], options: SpawnOptions = {}): Child {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-outputBytesMax);
    });
  }
  const exited = new Promise<number>((resolve) => {
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`;
      resolve(-1);
    });
    child.on('close', (code) => resolve(code ?? -1));
  });
  const handle: Child = {
    process: child,
    pid: child.pid ?? -1,
    exited,
    output: () => output,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await Promise.race([exited, delay(stopGraceMs, undefined, { ref: false })]);
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
  running.add(handle);
  void exited.then(() => running.delete(handle));
  return handle;
}

/** Ends every child still alive; at the end of the run and when it is interrupted. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((child) => child.stop()));
}

/** For the last moment of the process, when nothing can be waited for. */
export function killAll(): void {
  for (const child of running) child.process.kill('SIGKILL');
}

export interface CpuTime {
  readonly userSeconds: number;
  readonly systemSeconds: number;
}

/** User and system time of a whole process, all its threads (proc(5), stat, fields 14 and 15; 10 ms resolution). */
export function cpuOf(pid: number): CpuTime {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { userSeconds: Number(fields[11]) / ticksPerSecond, systemSeconds: Number(fields[12]) / ticksPerSecond };
}

/**
 * CPU time of a whole process. The threads' own counters have nanoseconds (task/<tid>/schedstat, sched-stats.rst) but are gone
 * with a thread; the process's has 10 ms and keeps them. Both are at most the truth: the larger is closer to it.
 */
export function cpuSeconds(pid: number): number {
  const { userSeconds, systemSeconds } = cpuOf(pid);
  return Math.max(userSeconds + systemSeconds, threadSeconds(pid));
}

function threadSeconds(pid: number): number {
  let ns = 0;
  for (const task of tasksOf(pid)) ns += Number(readOr(`${task}/schedstat`, '0').split(' ')[0]);
  return ns / 1e9;
}

/** How often threads were taken off a CPU: by their own waiting, and by the scheduler (proc(5), status). */
export function switchesOf(pid: number): { voluntary: number; involuntary: number } {
  let voluntary = 0;
  let involuntary = 0;
  for (const task of tasksOf(pid)) {
    const status = readOr(`${task}/status`, '');
    voluntary += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    involuntary += Number(/^nonvoluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return { voluntary, involuntary };
}

function tasksOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`);
}

/** A thread may end between being listed and being read. */
function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

/** Resident bytes now and at most so far (proc(5), status). */
export function memoryOf(pid: number): { rssBytes: number; peakBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return { rssBytes: kib('VmRSS') * 1024, peakBytes: kib('VmHWM') * 1024 };
}

/** Calls `ready` until it answers true. Throws with what the child said when it ended or the time is over. */
export async function until(
  what: string,
  ready: () => boolean | Promise<boolean>,
  timeoutMs: number,
  child?: Child,
  everyMs = 50,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (await ready()) return;
    if (child && (child.process.exitCode !== null || child.process.signalCode !== null || child.pid < 0))
      throw new Error(`${what}: the process ended\n${child.output().slice(-4000)}`);
    if (performance.now() > deadline)
      throw new Error(`${what}: not within ${timeoutMs / 1000} s\n${child?.output().slice(-4000) ?? ''}`);
    await delay(everyMs);
  }
}
