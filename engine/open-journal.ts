import type { Logger } from 'pino';
import type { Settings } from './config/settings.js';
import { Journal } from './journal/journal.js';
import { removeBook } from './telemetry/ledger-book.js';

/** The journal as the settings say; what it meets on its way goes to the log. @throws OperatingError */
export function openJournal(settings: Settings, log: Logger): Journal {
  const journal = new Journal({
    directory: `${settings.dataDir}/journal`,
    segmentBytes: settings.segmentBytes,
    bytesMax: settings.journalBytesMax,
    lanes: settings.workers,
    reserveBytes: settings.journalReserveBytes,
    priority: settings.priority.length > 0,
    sparesMax: settings.journalSpareSegments,
    memoryBytes: settings.durability === 'memory' ? settings.journalMemoryBytes : 0,
    memoryPercent: { high: settings.highWaterPercent, low: settings.lowWaterPercent },
    onUnsaved: (error) => log.fatal({ err: error }, 'what the journal had in memory could not be written to the disk'),
    onDamage: (position, bytes, kept) =>
      log.error({ ...position, bytes, ...(kept && { kept }) }, 'skipped damaged bytes of the journal'),
  });
  if (journal.lostSegments > 0) {
    removeBook(journal.directory); // or the ledger would take them for a defect
    log.error({ segments: journal.lostSegments }, 'the last run was killed with events in memory: these are lost');
  }
  return journal;
}
