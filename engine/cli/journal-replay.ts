import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sinkTypes } from '../../adapters/index.js';
import { readSinks } from '../config/sinks.js';
import type { Sink, SinkSpec } from '../contracts.js';
import { OperatingError } from '../errors.js';
import type { JournalBatch } from '../journal/journal-batch.js';
import { sinkTypeOf } from '../sinks.js';
import { createLog } from '../telemetry/log.js';
import { ExitCode } from './exit-codes.js';
import type { JournalArguments } from './journal.js';
import { selectBatches } from './journal-select.js';
import { count } from './report-error.js';

const stopMs = 10_000;

/** `penstock journal replay`: neither the journal nor any sink's position in it changes. */
export async function replay({ journal, json, to, selection }: JournalArguments): Promise<number> {
  const spec = readTarget(to);
  const stateDir = mkdtempSync(join(tmpdir(), 'penstock-replay-'));
  try {
    const sink = sinkTypeOf(spec).create(spec, { log: createLog('warn'), stateDir, journalDir: journal });
    await sink.start();
    const sent = await sendAll(sink, selectBatches(journal, selection));
    await sink.stop(stopMs);
    const text = `${count(sent, 'event')} sent again to ${spec.url}`;
    process.stdout.write(json ? `${JSON.stringify({ journal, to: spec.url, events: sent })}\n` : `${text}\n`);
    return ExitCode.ok;
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** In order, as many in flight as the sink allows. Rejects at the first batch that the sink refuses for good. */
async function sendAll(sink: Sink, batches: Iterable<JournalBatch>): Promise<number> {
  const inFlight = new Set<Promise<void>>();
  let [events, bytes] = [0, 0];
  for (const batch of batches) {
    while (bytes > 0 && bytes + batch.bytes.length > sink.inFlightBytesMax) await Promise.race(inFlight);
    bytes += batch.bytes.length;
    const sent = sink.deliver(batch).then(() => {
      inFlight.delete(sent);
      bytes -= batch.bytes.length;
      events += batch.events;
    });
    inFlight.add(sent);
  }
  await Promise.all(inFlight);
  return events;
}

function readTarget(to: string): SinkSpec {
  const problems: string[] = [];
  const [spec] = readSinks(to, sinkTypes, (value, allowed) => problems.push(`${value}: must be ${allowed}`));
  if (spec === undefined || problems.length > 0)
    throw new OperatingError(
      'REPLAY_TARGET',
      `--to ${problems.join('; ')}`,
      'name one sink as in PENSTOCK_DELIVER, e.g. --to kafka://broker:9092/security.replay',
    );
  if (spec.scheme === 'store')
    throw new OperatingError(
      'REPLAY_TO_STORE',
      'the local store takes its events from its own journal only',
      'copy the journal into a data directory of its own, `penstock journal adopt` it, and start an engine on it',
    );
  return spec;
}
