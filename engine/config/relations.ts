import type { Report } from './build-settings.js';
import { listenersMax, transportOf } from './listeners.js';
import type { Settings } from './settings.js';

/** A segment in memory is a tenth of its worker's share, and a group of batches should fit. */
const memoryBytesOfWorker = 16 * 2 ** 20;

/** Relations between limits, which no single option can check. */
export function checkRelations(settings: Settings, problem: Report): void {
  const { ringBytes, messageBytesMax, batchBytes, batchBytesMax, journalBytesMax, segmentBytes, workers, admin } =
    settings;
  if (!Number.isInteger(Math.log2(ringBytes))) problem('PENSTOCK_RING_BYTES', String(ringBytes), 'a power of two');
  if (ringBytes < 8 * messageBytesMax) {
    problem(
      'PENSTOCK_RING_BYTES',
      String(ringBytes),
      `at least eight times PENSTOCK_MESSAGE_BYTES_MAX (${messageBytesMax})`,
    );
  }
  if (batchBytes > batchBytesMax) {
    problem('PENSTOCK_BATCH_BYTES', String(batchBytes), `at most PENSTOCK_BATCH_BYTES_MAX (${batchBytesMax})`);
  }
  const { highWaterPercent, lowWaterPercent } = settings;
  if (lowWaterPercent >= highWaterPercent) {
    const reason = `less than PENSTOCK_HIGH_WATER_PERCENT (${highWaterPercent})`;
    problem('PENSTOCK_LOW_WATER_PERCENT', String(lowWaterPercent), reason);
  }
  if (segmentBytes < batchBytesMax) {
    problem('PENSTOCK_SEGMENT_BYTES', String(segmentBytes), `at least PENSTOCK_BATCH_BYTES_MAX (${batchBytesMax})`);
  }
  const least = 2 * segmentBytes * workers;
  if (journalBytesMax < least) {
    const reason = `at least two segments a worker: ${least} (PENSTOCK_SEGMENT_BYTES × 2 × ${workers})`;
    problem('PENSTOCK_JOURNAL_BYTES_MAX', String(journalBytesMax), reason);
  }
  const memoryLeast = memoryBytesOfWorker * workers;
  if (settings.durability === 'memory' && settings.journalMemoryBytes < memoryLeast) {
    const reason = `at least 16 MiB a worker: ${memoryLeast} (16 MiB × ${workers})`;
    problem('PENSTOCK_JOURNAL_MEMORY_BYTES', String(settings.journalMemoryBytes), reason);
  }
  if (settings.listeners.length > listenersMax)
    problem('PENSTOCK_LISTEN', `${settings.listeners.length} URLs`, `at most ${listenersMax}`);
  const taken = settings.listeners.find(
    ({ scheme, host, port }) =>
      port !== 0 && port === admin?.port && transportOf(scheme) === 'tcp' && host === admin.host,
  );
  if (taken) problem('PENSTOCK_ADMIN', `${admin?.host}:${admin?.port}`, `an address of its own: ${taken.url} has it`);
}
