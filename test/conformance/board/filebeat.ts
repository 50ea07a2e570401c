/**
 * Filebeat's ingest pipelines' tests (test/data/conformance/filebeat): logs as products wrote them and the ECS documents expected, flat, with
 * the byte at which each event begins. An event of several lines, which the collector joined, is given to the packs as one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../native/load.js';

export interface ExpectedCase {
  readonly product: string;
  readonly path: string;
  readonly frame: Buffer;
  readonly json: boolean;
  readonly utcOffsetSeconds: number;
  readonly expected: Readonly<Record<string, unknown>>;
}

type Document = Readonly<Record<string, unknown>>;

const folder = join(projectRoot, 'test/data/conformance/filebeat');
const suffix = '-expected.json';

/** What is the collector's, not the log's; what needs a database of places; and the line itself. */
const leftOut =
  /^(input\.type|log\.offset|log\.flags|fileset\.name|service\.type|event\.(module|dataset|timezone|original)|.*\.(geo|as)\..*)$/;

export function filebeatCases(): ExpectedCase[] {
  return readdirSync(folder).flatMap((module) =>
    readdirSync(join(folder, module)).flatMap((set) =>
      readdirSync(join(folder, module, set))
        .filter((name) => name.endsWith(suffix))
        .sort()
        .flatMap((name) => fileCases(`${module}/${set}`, name.slice(0, -suffix.length))),
    ),
  );
}

function fileCases(product: string, name: string): ExpectedCase[] {
  const path = `${product}/${name}`;
  const log = readFileSync(join(folder, path));
  const documents = JSON.parse(readFileSync(join(folder, `${path}${suffix}`), 'utf8')) as Document[];
  return documents.map((document, i) => {
    const from = offsetOf(document);
    const next = documents[i + 1];
    const frame = textAt(log, from, isMultiline(document), next === undefined ? log.length : offsetOf(next));
    const expected = Object.fromEntries(Object.entries(document).filter(([field]) => !leftOut.test(field)));
    return {
      product,
      path: `${path}:${i + 1}`,
      frame,
      json: frame[0] === 0x7b,
      utcOffsetSeconds: offsetSeconds(document['event.timezone']),
      expected,
    };
  });
}

const offsetOf = (document: Document): number => document['log.offset'] as number;

function isMultiline(document: Document): boolean {
  const flags = document['log.flags'];
  return Array.isArray(flags) && flags.includes('multiline');
}

function textAt(log: Buffer, from: number, multiline: boolean, next: number): Buffer {
  const lineEnd = log.indexOf(10, from);
  let to = multiline ? next : lineEnd < 0 ? log.length : lineEnd;
  while (to > from && (log[to - 1] === 10 || log[to - 1] === 13)) to--;
  return log.subarray(from, to);
}

/** The zone of the collector's host: what a listener's option says here. */
function offsetSeconds(zone: unknown): number {
  const parts = /^([+-])(\d\d):(\d\d)$/.exec(String(zone));
  if (!parts) return 0;
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 3600 + Number(parts[3]) * 60);
}
