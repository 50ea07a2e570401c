/** Proves after the fact what a store holds: every file that its manifest names, its rows, and where the journal goes on. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { SinkAudit, SinkAuditContext } from '../../../engine/contracts.js';
import { EventCounter } from '../../../engine/journal/event-counter.js';
import { isPriorityLane, laneOf, listLanes, priorityLane } from '../../../engine/journal/segments.js';
import { literal } from './columns.js';
import { emptyManifest, type Manifest, readManifest } from './manifest.js';

export async function auditStore(store: string, context: SinkAuditContext): Promise<SinkAudit> {
  const manifest = readManifest(store) ?? emptyManifest(store, context.journalDir);
  const contradictions = await wrongFiles(store, manifest);
  const inFiles = manifest.files.reduce((sum, { events }) => sum + events, 0);
  const forgotten = manifest.forgottenEvents ?? 0;
  const inJournal = countJournal(manifest, context);
  const held = inFiles + forgotten + inJournal;
  if (held < context.delivered) {
    contradictions.push(
      `the store holds or has forgotten ${held} events, ${context.delivered - held} fewer than it took`,
    );
  }
  const notes = held > context.delivered ? [`${held - context.delivered} events are older than the sink’s cursor`] : [];
  const figures = {
    files: manifest.files.length,
    file_events: inFiles,
    forgotten_events: forgotten,
    journal_events: inJournal,
  };
  return { contradictions, unproven: [], notes, figures };
}

/** Events between where the files end and what the store has taken. */
function countJournal(manifest: Manifest, { journalDir, cursor }: SinkAuditContext): number {
  let events = 0;
  for (const lane of listLanes(journalDir).flatMap((lane) => [lane, priorityLane(lane)])) {
    const to = cursor.get(lane);
    if (to === undefined) continue;
    const from = manifest.lanes[laneOf(lane)];
    const counter = new EventCounter(journalDir, lane, from === undefined ? null : { lane, ...from });
    counter.ordinaryOnly = cursor.has(priorityLane(lane)) && !isPriorityLane(lane);
    counter.advance(to);
    counter.close();
    events += counter.events;
  }
  return events;
}

async function wrongFiles(store: string, { files }: Manifest): Promise<string[]> {
  const wrong: string[] = [];
  if (files.length === 0) return wrong;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  for (const { path, events, bytes } of files) {
    const file = join(store, path);
    if (!existsSync(file)) wrong.push(`${path} is missing, with ${events} events`);
    else if (statSync(file).size !== bytes) wrong.push(`${path} has ${statSync(file).size} bytes, not ${bytes}`);
    else {
      const rows = await connection
        .runAndReadAll(`SELECT count(*) FROM read_parquet(${literal(file)})`)
        .then((result) => Number(result.getRows()[0]?.[0]))
        .catch((error: Error) => error.message.split('\n')[0]);
      if (rows !== events) wrong.push(`${path} has ${events} events by the manifest, and by itself: ${rows}`);
    }
  }
  connection.closeSync();
  instance.closeSync();
  return wrong;
}
