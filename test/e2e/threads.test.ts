/** Threads of the running process, as the kernel sees them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseCpuList } from '../../engine/config/cpu-list.js';
import { PenstockProcess } from '../support/penstock-process.js';

const field = (status: string, name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';

interface Thread {
  readonly id: number;
  readonly name: string;
  readonly cpus: string;
}

function threadsOf(pid: number | undefined): Thread[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((id) => {
    const status = statusOf(pid, id);
    return status === ''
      ? []
      : { id: Number(id), name: field(status, 'Name'), cpus: field(status, 'Cpus_allowed_list') };
  });
}

/** '' when the thread has ended since it was listed. */
function statusOf(pid: number | undefined, id: string): string {
  try {
    return readFileSync(`/proc/${pid}/task/${id}/status`, 'utf8');
  } catch {
    return '';
  }
}

test('PENSTOCK_CPU_PIN binds receivers first, then workers, and nothing else', async () => {
  const allowed = parseCpuList(field(readFileSync('/proc/self/status', 'utf8'), 'Cpus_allowed_list')) ?? [];
  const [receiverCpu, workerCpu] = [allowed[allowed.length - 1], allowed[0]];
  const cpus = [...new Set([receiverCpu, workerCpu])].join(',');
  const env = { PENSTOCK_CPU_PIN: cpus, PENSTOCK_WORKERS: '1', PENSTOCK_RECEIVERS: '1' };
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], env });
  try {
    // The worker binds itself when it has started, which may be after the listeners are open.
    const isBound = ({ name, cpus }: Thread) => name !== 'receiver' && cpus === String(workerCpu);
    let threads = threadsOf(penstock.child.pid);
    const isReceiver = ({ name, cpus }: Thread) => name === 'receiver' && cpus === String(receiverCpu);
    await penstock.until('receiver and worker are bound', () => {
      threads = threadsOf(penstock.child.pid);
      return threads.some(isBound) && threads.some(isReceiver);
    });
    const seen = JSON.stringify(threads);
    const receivers = threads.filter(({ name }) => name === 'receiver');
    assert.deepEqual(
      receivers.map((thread) => thread.cpus),
      [String(receiverCpu)],
      seen,
    );
    const main = threads.find(({ id }) => id === penstock.child.pid);
    assert.deepEqual(parseCpuList(main?.cpus ?? ''), allowed, 'the main thread runs anywhere');
    assert.ok(threads.some(isBound), seen);
  } finally {
    await penstock.dispose();
  }
});

test('a CPU this process may not use is a wrong setting, said at the start', async () => {
  const env = { PENSTOCK_CPU_PIN: '4000' };
  await assert.rejects(PenstockProcess.start({ listen: ['syslog+tcp'], env }), (error: Error) => {
    assert.match(error.message, /exited with 78/);
    assert.match(error.message, /PENSTOCK_CPU_PIN/);
    return true;
  });
});
