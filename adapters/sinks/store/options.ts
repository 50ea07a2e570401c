import type { OptionSpec } from '../../../engine/config/option.js';

/** Parameters of a store URL, e.g. `store:./data?retention_days=90`. */
export const options: readonly OptionSpec[] = [
  {
    name: 'compact_bytes',
    type: 'bytes',
    default: 64 * 2 ** 20,
    min: 2 ** 20,
    max: 2 ** 40,
    text: 'Journal bytes that start a compaction into Parquet. Queries read what is not compacted more slowly.',
  },
  {
    name: 'compact_interval_ms',
    type: 'duration_ms',
    default: 600_000,
    min: 1000,
    max: 86_400_000,
    text: 'Longest time between compactions while events wait.',
  },
  {
    name: 'compact_memory_bytes',
    type: 'bytes',
    default: 512 * 2 ** 20,
    min: 256 * 2 ** 20,
    max: 2 ** 40,
    text: 'Memory that a compaction may use; it runs as a process of its own at the lowest priority.',
  },
  {
    name: 'retention_days',
    type: 'integer',
    default: 0,
    min: 0,
    max: 36_500,
    text: 'Days after which events are deleted, by hour of ingestion; 0 keeps them.',
    example: '90',
  },
  {
    name: 'retention_bytes',
    type: 'bytes',
    default: 0,
    min: 0,
    max: 2 ** 50,
    text: 'Size of the files above which the oldest are deleted, a whole file at a time; 0 keeps them.',
    example: '200GiB',
  },
];
