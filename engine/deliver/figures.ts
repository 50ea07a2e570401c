/** What the figures of every sink count: their help texts in /metrics. */
export const deliveryFigures = {
  delivered_batches_total: 'Batches that the sink took.',
  delivered_events_total: 'Events of these.',
  delivered_bytes_total: 'Bytes of these, compressed.',
  delivery_failures_total: 'Batches that the sink gave back or refused, as a whole or in part.',
  dead_lettered_events_total: 'Events that the sink refused for ever, kept as dead letters.',
  dead_letter_bytes: 'Bytes of the dead letters on disk.',
  dead_letters_deleted_events_total: 'Dead letters deleted because there was no room for more.',
  forwarded_dead_letter_events_total: 'Dead letters sent on to PENSTOCK_DEAD_LETTER.',
  taken_events_total:
    'Events read from the journal for the sink; each is delivered, a dead letter, dropped or in flight.',
  backlog_events_total: 'Of these, events that earlier runs had left.',
  committed_before_events: 'Events of this run committed before the sink was added: not for it.',
  dropped_events_total: 'Events given up for the sink because the journal was full or they were too old.',
  in_flight_events: 'Events handed to the sink and not settled.',
  in_flight_bytes: 'Bytes of batches handed to the sink and not settled.',
} as const;
