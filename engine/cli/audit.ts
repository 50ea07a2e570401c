/** `penstock audit`: proves after the fact that every event is where it belongs, and says which are not. Changes nothing. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sinkTypes, sourceTypes } from '../../adapters/index.js';
import { loadSettings } from '../config/load.js';
import type { SinkAudit, SinkSpec } from '../contracts.js';
import { listCursors } from '../journal/cursor.js';
import { isThere } from '../journal/files.js';
import { refuseNewer } from '../journal/newer.js';
import { sinkTypeOf } from '../sinks.js';
import { readBook } from '../telemetry/ledger-book.js';
import { auditJournal, type JournalAudit } from './audit-journal.js';
import { auditText } from './audit-text.js';
import { ExitCode } from './exit-codes.js';

const usage = `Usage: penstock audit [--json] [--quick]

Proves from journal, checkpoints, send logs and what the sinks themselves say (Kafka: offsets and producers; store: manifest and
files) that every journaled event was delivered, dead-lettered, or waits. Uses the settings of the environment, as run does;
works while the engine runs, and changes nothing.

--json   one JSON object
--quick  reads the headers of waiting batches, not the batches

Exit codes: 0 all is consistent, 1 something contradicts, 69 a sink could not be asked.
`;

export type Verdict = 'consistent' | 'unproven' | 'inconsistent';

export interface SinkReport extends Omit<JournalAudit, 'cursor'> {
  readonly sink: string;
  readonly verdict: Verdict;
  readonly unproven: readonly string[];
  readonly notes: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

export interface AuditReport {
  readonly verdict: Verdict;
  readonly journal: string;
  readonly sinks: readonly SinkReport[];
}

/** Answers the exit code. @throws ConfigError, OperatingError */
export async function runAudit(argv: readonly string[]): Promise<number> {
  const args = readArguments(argv);
  if (typeof args === 'number') return args;
  const { settings } = loadSettings(process.env, process.cwd(), { sourceTypes, sinkTypes });
  const report = await audit(settings.dataDir, settings.sinks, !args.quick);
  process.stdout.write(args.json ? `${JSON.stringify(report)}\n` : auditText(report));
  return { consistent: ExitCode.ok, inconsistent: ExitCode.failure, unproven: ExitCode.unavailable }[report.verdict];
}

export async function audit(dataDir: string, specs: readonly SinkSpec[], readBodies: boolean): Promise<AuditReport> {
  const journal = join(dataDir, 'journal');
  if (!isThere(journal)) return { verdict: 'consistent', journal, sinks: [] };
  refuseNewer(journal);
  const book = readBook(journal);
  const known = specs.filter((spec) => isThere(join(dataDir, 'sinks', encodeURIComponent(spec.id))));
  const sinks: SinkReport[] = [];
  for (const spec of known) {
    const { cursor, ...found } = auditJournal(journal, spec.id, book, readBodies);
    const stateDir = join(dataDir, 'sinks', encodeURIComponent(spec.id));
    const { delivered } = found;
    const own = await sinkTypeOf(spec).audit?.(spec, { stateDir, journalDir: journal, cursor, delivered });
    sinks.push(report(spec.id, found, own ?? nothing));
  }
  for (const id of listCursors(journal).filter((cursor) => !known.some((spec) => spec.id === cursor))) {
    const { cursor: _, ...found } = auditJournal(journal, id, book, readBodies);
    sinks.push(
      report(id, found, {
        ...nothing,
        notes: ['it is not among the sinks of PENSTOCK_DELIVER: only its journal was looked at'],
      }),
    );
  }
  const verdicts = new Set(sinks.map(({ verdict }) => verdict));
  const worst = (['inconsistent', 'unproven'] as const).find((verdict) => verdicts.has(verdict)) ?? 'consistent';
  return { verdict: worst, journal, sinks };
}

const nothing: SinkAudit = { contradictions: [], unproven: [], notes: [], figures: {} };

function report(sink: string, found: Omit<JournalAudit, 'cursor'>, own: SinkAudit): SinkReport {
  const contradictions = [...found.contradictions, ...own.contradictions];
  const verdict = contradictions.length > 0 ? 'inconsistent' : own.unproven.length > 0 ? 'unproven' : 'consistent';
  return { sink, verdict, ...found, ...own, contradictions };
}

function readArguments(argv: readonly string[]): { json: boolean; quick: boolean } | number {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (!values.help) return values;
    process.stdout.write(usage);
    return ExitCode.ok;
  } catch (error) {
    process.stderr.write(`penstock audit: ${(error as Error).message}\n\n${usage}`);
    return ExitCode.usage;
  }
}
