/** What the sink's figures count: their help texts in /metrics. */
export const figures = {
  files: 'Parquet files of the store.',
  file_bytes: 'Bytes of these.',
  uncompacted_bytes: 'Bytes of the journal that are in no file yet.',
  compactions_total: 'Compactions that ended well.',
  compaction_failures_total: 'Compactions that failed, or wait for a dictionary.',
  compacted_events_total: 'Events moved into files.',
} as const;
