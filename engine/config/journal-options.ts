/** Flags of the journal: how durable it is, how large it may be, and what becomes of what does not fit. */
import type { OptionGroup } from './option.js';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

export const journalOptions: OptionGroup = {
  title: 'Journal',
  options: [
    {
      name: 'PENSTOCK_DURABILITY',
      type: 'enum',
      values: ['flush', 'fsync', 'memory'],
      default: 'flush',
      text: 'What an acknowledged event survives: flush, a crash of the process; fsync, of the machine; memory, only a regular stop.',
    },
    {
      name: 'PENSTOCK_FSYNC_INTERVAL_MS',
      type: 'duration_ms',
      default: 10,
      min: 1,
      max: 10_000,
      text: 'With fsync: how long to collect writes for one sync.',
    },
    {
      name: 'PENSTOCK_JOURNAL_MEMORY_BYTES',
      type: 'bytes',
      default: 256 * MiB,
      min: 16 * MiB,
      max: 1024 * GiB,
      text: 'With memory: how much to hold in memory. New events go to disk from the high water mark on, until below the low one.',
    },
    {
      name: 'PENSTOCK_JOURNAL_BYTES_MAX',
      type: 'bytes',
      default: 16 * GiB,
      min: 64 * MiB,
      max: 1024 * 1024 * GiB,
      text: 'Space for undelivered events. When it is full: TCP senders are held back, HTTP gets 503, UDP is lost and counted.',
      live: true,
    },
    {
      name: 'PENSTOCK_REMOVED_SINK_KEEP_MS',
      type: 'duration_ms',
      default: 86_400_000,
      min: 0,
      max: 31_536_000_000,
      text: 'How long to keep undelivered events of a sink removed from the configuration, so that it can resume. Shorter if the journal fills.',
    },
    {
      name: 'PENSTOCK_JOURNAL_WHEN_FULL',
      type: 'enum',
      values: ['block', 'drop_oldest', 'drop_newest'],
      default: 'block',
      text: 'At that limit: block senders, or drop and count the oldest or the newest events (with drop_newest, HTTP gets 503).',
      live: true,
    },
    {
      name: 'PENSTOCK_DEAD_LETTER_BYTES_MAX',
      type: 'bytes',
      default: 4 * GiB,
      min: 0,
      max: 1024 * 1024 * GiB,
      text: 'Space for the dead letters of one sink, besides the journal. 0: no limit.',
      live: true,
    },
    {
      name: 'PENSTOCK_DEAD_LETTER_WHEN_FULL',
      type: 'enum',
      values: ['block', 'drop_oldest'],
      default: 'block',
      text: 'At that limit: block keeps rejected events in the journal, which holds up the sink; drop_oldest deletes and counts the oldest.',
      live: true,
    },
    {
      name: 'PENSTOCK_JOURNAL_AGE_MAX_MS',
      type: 'duration_ms',
      default: 0,
      min: 0,
      max: 31_536_000_000,
      text: 'Events that a sink has not taken for so long are dropped and counted, a whole file at a time. 0: never.',
      live: true,
    },
    {
      name: 'PENSTOCK_JOURNAL_RESERVE_BYTES',
      type: 'bytes',
      default: 16 * MiB,
      min: 0,
      max: 2 * GiB,
      text: 'Disk space that each worker reserves ahead at a time (fallocate). 0: none.',
    },
    {
      name: 'PENSTOCK_JOURNAL_SPARE_SEGMENTS',
      type: 'integer',
      default: 4,
      min: 0,
      max: 64,
      text: 'Delivered journal files that each worker keeps to overwrite, within PENSTOCK_JOURNAL_BYTES_MAX. 0: delete them.',
    },
    {
      name: 'PENSTOCK_SEGMENT_BYTES',
      type: 'bytes',
      default: 64 * MiB,
      min: 1 * MiB,
      max: 2 * GiB,
      text: 'Size at which a journal file is closed. Space is freed a whole file at a time.',
    },
  ],
};
