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
      text: 'What acknowledged means: in the kernel (survives the process), on the disk (survives the machine), or in memory (survives a stop).',
    },
    {
      name: 'PENSTOCK_FSYNC_INTERVAL_MS',
      type: 'duration_ms',
      default: 10,
      min: 1,
      max: 10_000,
      text: 'With fsync: how long events wait so that one sync covers many.',
    },
    {
      name: 'PENSTOCK_JOURNAL_MEMORY_BYTES',
      type: 'bytes',
      default: 256 * MiB,
      min: 16 * MiB,
      max: 1024 * GiB,
      text: 'With memory: how much waits there. From the high water mark on what comes goes to the disk, until below the low one.',
    },
    {
      name: 'PENSTOCK_JOURNAL_BYTES_MAX',
      type: 'bytes',
      default: 16 * GiB,
      min: 64 * MiB,
      max: 1024 * 1024 * GiB,
      text: 'Space of what is not yet delivered. Full: TCP senders are held back, HTTP is answered 503, UDP is lost and counted.',
      live: true,
    },
    {
      name: 'PENSTOCK_REMOVED_SINK_KEEP_MS',
      type: 'duration_ms',
      default: 86_400_000,
      min: 0,
      max: 31_536_000_000,
      text: 'How long the journal keeps what a sink no longer configured had not got, so that it can resume; less when full.',
    },
    {
      name: 'PENSTOCK_JOURNAL_WHEN_FULL',
      type: 'enum',
      values: ['block', 'drop_oldest', 'drop_newest'],
      default: 'block',
      text: 'At that limit: hold senders back; or give up, and count, what waits longest, or what comes (HTTP is answered 503 then).',
      live: true,
    },
    {
      name: 'PENSTOCK_DEAD_LETTER_BYTES_MAX',
      type: 'bytes',
      default: 4 * GiB,
      min: 0,
      max: 1024 * 1024 * GiB,
      text: 'Space of what one sink has refused for ever, kept beside the journal. 0: no limit.',
      live: true,
    },
    {
      name: 'PENSTOCK_DEAD_LETTER_WHEN_FULL',
      type: 'enum',
      values: ['block', 'drop_oldest'],
      default: 'block',
      text: 'At that limit: what the sink refuses waits in the journal; or the oldest dead letters are deleted, and counted.',
      live: true,
    },
    {
      name: 'PENSTOCK_JOURNAL_AGE_MAX_MS',
      type: 'duration_ms',
      default: 0,
      min: 0,
      max: 31_536_000_000,
      text: 'What waits longer for a sink is given up and counted, whole files at a time. 0: nothing is too old.',
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
      text: 'Delivered journal files that each worker keeps to write over, within PENSTOCK_JOURNAL_BYTES_MAX. 0: they are deleted.',
    },
    {
      name: 'PENSTOCK_SEGMENT_BYTES',
      type: 'bytes',
      default: 64 * MiB,
      min: 1 * MiB,
      max: 2 * GiB,
      text: 'Size at which a journal file is closed; space is freed by whole files.',
    },
  ],
};
