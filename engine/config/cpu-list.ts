import { readFileSync } from 'node:fs';

const cpuMax = 4095;

/** '0,2-5' as [0, 2, 3, 4, 5]; '' as []; undefined when it is no such list or names a CPU twice. */
export function parseCpuList(text: string): number[] | undefined {
  const cpus: number[] = [];
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '') continue;
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part);
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (first > last || last > cpuMax) return undefined;
    for (let cpu = first; cpu <= last; cpu++) cpus.push(cpu);
  }
  return new Set(cpus).size === cpus.length ? cpus : undefined;
}

/** CPUs this process may use (proc_pid_status(5)); undefined where the system does not tell. */
export function allowedCpus(): number[] | undefined {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return parseCpuList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '?');
  } catch {
    return undefined;
  }
}
