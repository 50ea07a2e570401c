import type { Logger } from 'pino';
import type { Settings } from './config/settings.js';
import type { Breakers } from './deliver/breakers.js';
import { DeadLetterForwarder } from './deliver/dead-letter-forwarder.js';
import type { Journal } from './journal/journal.js';
import { createSink } from './sinks.js';

/** Who sends dead letters on; null: no sink is configured for them, or nothing is journaled. */
export function makeForwarder(
  settings: Settings,
  journal: Journal | null,
  breakers: Breakers,
  log: Logger,
): DeadLetterForwarder | null {
  const spec = settings.deadLetter;
  if (spec === null || journal === null) return null;
  return new DeadLetterForwarder({
    directory: journal.directory,
    makeSink: (id) => createSink({ ...spec, id }, settings, log, breakers.of(id)),
    breakerOf: (id) => breakers.of(id),
    log,
  });
}
