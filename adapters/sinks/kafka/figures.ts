/** What the sink's figures count: their help texts in /metrics. */
const commonFigures = {
  delivered_batches_total: 'Batches that the cluster acknowledged.',
  delivered_records_total: 'Records of the batches that the cluster acknowledged; a frame of many events is one.',
  requests_total: 'Produce requests sent.',
  answered_bytes_total: 'Bytes of batches in Produce requests that were answered.',
  throttled_seconds_total: 'Seconds for which brokers took nothing because a quota was used up, over all connections.',
  retries_total: 'Times batches of a partition were sent again after a failure that may pass.',
  refused_records_total: 'Records that the cluster never accepts: they become dead letters.',
  split_batches_total: 'Batches divided because the broker refused them, for their size or for some of their records.',
  in_flight_bytes: 'Bytes of batches handed to the sink and not settled.',
  in_flight_batches: 'Batches handed to the sink and not settled.',
  brokers_connected: 'Brokers with an open connection.',
} as const;

/** Without transactions. */
export const figures = {
  ...commonFigures,
  refused_batches_total: 'Batches that the cluster never accepts, not even divided: they become dead letters.',
  recovered_batches_total: 'Batches that an earlier run had sent and the broker was found to have.',
  duplicates_recognised_total: 'Batches sent again that the broker recognised by their stamp: stored once.',
  possible_duplicates_total: 'Records sent again although they may be in the topic: what could tell was deleted there.',
  stamp_mismatches_total: 'Batches that got a new stamp because the logged one is of other bytes.',
  tail_comparisons_total: 'Times the end of a partition was read to see which batches in doubt it has.',
  tail_found_records_total: 'Records in doubt that were found there: not sent again.',
  tail_read_bytes_total: 'Bytes read for that.',
  topics_recreated_total: 'Times a topic was found to be another one of the same name, by partition.',
  send_log_entries: 'Batches whose stamp is kept: sent, and not yet behind the position in the journal.',
  certificate_expiry_timestamp_seconds:
    'When the certificate that is shown to brokers, or one of its chain, stops being valid.',
} as const;

/** With transactions. */
export const transactionFigures = {
  ...commonFigures,
  transactions_total: 'Transactions committed.',
  transactions_redone_total: 'Transactions aborted and done again.',
  skipped_batches_total: 'Batches of the journal that a transaction of an earlier run had committed.',
} as const;

export type Figure = keyof typeof figures | keyof typeof transactionFigures;

/** The counters among them, none counted yet: a series that is not there cannot be seen to grow. */
export function countersOf(texts: Readonly<Record<string, string>>): Partial<Record<Figure, number>> {
  return Object.fromEntries(Object.keys(texts).flatMap((name) => (name.endsWith('_total') ? [[name, 0]] : [])));
}
