import type { AuditReport, SinkReport, Verdict } from './audit.js';

const verdictText: Readonly<Record<Verdict, string>> = {
  consistent: 'consistent',
  unproven: 'UNPROVEN: something could not be asked',
  inconsistent: 'INCONSISTENT',
};

/** The report for people. */
export function auditText({ journal, sinks, verdict }: AuditReport): string {
  const head = sinks.length === 0 ? [`${journal}: nothing has been journaled for any sink`] : [`journal  ${journal}`];
  return `${[...head, ...sinks.flatMap(sinkLines), '', `verdict: ${verdictText[verdict]}`].join('\n')}\n`;
}

function sinkLines(sink: SinkReport): string[] {
  const { journaled, delivered, deadLettered, dropped, waiting } = sink;
  const givenUp = dropped === 0 ? '' : `${dropped} dropped + `;
  const figures = Object.entries(sink.figures).map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`);
  const list = (mark: string, sentences: readonly string[]) => sentences.map((sentence) => `  ${mark} ${sentence}`);
  return [
    '',
    `sink ${sink.sink}: ${verdictText[sink.verdict]}`,
    `  ${journaled} events journaled = ${delivered} delivered + ${deadLettered} dead-lettered + ${givenUp}${waiting} waiting`,
    ...(figures.length > 0 ? [`  ${figures.join(', ')}`] : []),
    ...list('!', sink.contradictions),
    ...list('?', sink.unproven),
    ...list('-', sink.notes),
  ];
}
