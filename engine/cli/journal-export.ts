import { once } from 'node:events';
import { batchToJsonLines } from '../../adapters/sinks/store/json-lines.js';
import { ExitCode } from './exit-codes.js';
import type { JournalArguments } from './journal.js';
import { selectBatches } from './journal-select.js';
import { count } from './report-error.js';

/** `penstock journal export` */
export async function exportEvents({ journal, raw, selection }: JournalArguments): Promise<number> {
  let events = 0;
  for (const batch of selectBatches(journal, selection)) {
    const bytes = raw ? batch.bytes : batchToJsonLines(batch, batch.firstReceivedMs);
    if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
    events += batch.events;
  }
  process.stderr.write(`${count(events, 'event')} exported\n`);
  return ExitCode.ok;
}
