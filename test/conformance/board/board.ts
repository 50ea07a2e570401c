/** What the packs make of other people's logs, by product: of each expected field whether it is right, wrong or missing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { casesReceivedNs } from '../../../engine/formats/cases.js';
import { Explainer, flatten } from '../../../engine/formats/explain.js';
import { loadFormats } from '../../../engine/formats/load.js';
import { projectRoot } from '../../../native/load.js';
import { aucoalesceCases } from './aucoalesce.js';
import { auparseCases } from './auparse.js';
import { crowdsecCases } from './crowdsec.js';
import { type ExpectedCase, filebeatCases } from './filebeat.js';
import { judge } from './judge.js';
import { names } from './names.js';
import { avroScores, jsonSchemaScores, jsonScores } from './schemas.js';

export interface Score {
  events: number;
  /** Events that some pack understood. */
  recognised: number;
  right: number;
  wrong: number;
  missing: number;
}
export type Scores = Record<string, Score>;
export type Board = Record<string, Scores>;

export interface Finding {
  readonly product: string;
  readonly path: string;
  readonly text: string;
  readonly pack: string | null;
  readonly field: string;
  readonly expected: unknown;
  readonly got: unknown;
}

export const boardPath = join(projectRoot, 'test/data/conformance/board.json');

export function committedBoard(): Board {
  return JSON.parse(readFileSync(boardPath, 'utf8')) as Board;
}

/** `found`: called for each field that is not right. */
export function makeBoard(found: (finding: Finding) => void = () => {}): Board {
  const explainer = new Explainer(loadFormats(null));
  return {
    filebeat: score(explainer, filebeatCases(), found),
    crowdsec: score(explainer, crowdsecCases(), found),
    'go-libaudit': score(explainer, auparseCases(), found),
    aucoalesce: score(explainer, aucoalesceCases(), found),
    json: jsonScores(),
    'json-schema': jsonSchemaScores(),
    avro: avroScores(),
  };
}

function score(explainer: Explainer, cases: readonly ExpectedCase[], found: (finding: Finding) => void): Scores {
  const scores: Scores = {};
  for (const one of cases) {
    const { product, path, frame, json, utcOffsetSeconds, expected } = one;
    scores[product] ??= { events: 0, recognised: 0, right: 0, wrong: 0, missing: 0 };
    const total = scores[product];
    const { event, pack } = explainer.explain(frame, { json, utcOffsetSeconds, receivedNs: casesReceivedNs });
    const flat = flatten(event);
    total.events++;
    if (pack !== null) total.recognised++;
    for (const [field, value] of Object.entries(expected)) {
      const got = flat[names[field] ?? field];
      const verdict = judge(value, got);
      total[verdict]++;
      if (verdict !== 'right')
        found({ product, path, text: frame.toString('utf8'), pack, field, expected: value, got });
    }
  }
  return scores;
}
