/** Every pack's cases, as they stand, in any order, and mutated. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CaseFile, caseFiles, casesReceivedNs, runCaseFile } from './cases.js';
import { Explainer, flatten } from './explain.js';
import { loadFormats, ownFormats, packFolders, readDirectory } from './load.js';
import { mutations, randomOf } from './mutate.js';

const explainer = new Explainer(loadFormats(null));
const packs = packFolders(ownFormats);
const files = packs.flatMap((pack) => caseFiles(join(ownFormats, pack)).map((file) => ({ pack, file })));
/** Lines under declared columns are another thing without the lines before them. */
const alone = files.filter(({ file }) => !file.lines.some((line) => line[0] === 0x23));
const lines = alone.flatMap(({ file }) => file.lines.map((line) => ({ line, json: file.json })));
const explain = (line: Buffer, json: boolean, sender = 0) =>
  explainer.explain(line, { json, receivedNs: casesReceivedNs, sender });

test('every pack has cases', () => {
  assert.ok(packs.length > 0);
  for (const pack of packs)
    assert.ok(
      files.some(({ pack: of, file }) => of === pack && !file.refused && file.lines.length > 0),
      `${pack} has none`,
    );
});

for (const { pack, file } of files) {
  test(`${pack}: ${relative(file)}`, () => {
    for (const { line, text, problem, differences } of runCaseFile(explainer, pack, file))
      assert.equal(problem, '', `line ${line}: ${text}\n${JSON.stringify(differences, null, 2)}`);
  });
}

test('what an event becomes does not depend on what its sender sent before', () => {
  const apart = lines.map(({ line, json }, i) => JSON.stringify(explain(line, json, i + 1).event));
  const random = randomOf(7);
  for (let round = 0; round < 3; round++) {
    for (const i of shuffled(lines.length, random)) {
      const { line, json } = lines[i] as (typeof lines)[number];
      assert.equal(JSON.stringify(explain(line, json, 99).event), apart[i], line.toString());
    }
  }
});

/** Whether a name comes twice: one of the values is gone when it is read. */
function losesValues(json: string): boolean {
  return JSON.stringify(JSON.parse(json)).length < json.length;
}

test('mutated: nothing crashes, no byte is lost, no value is invented', () => {
  const sources = readDirectory(ownFormats, []).flatMap(({ text, shared }) => [{ text }, ...shared.values()]);
  const written = [...new Set(sources.map(({ text }) => text))].join('\n').toLowerCase();
  const random = randomOf(11);
  let count = 0;
  for (const { line, json } of lines) {
    for (const mutated of mutations(line, random, 12)) {
      const { event, pack, elements } = explain(mutated, json);
      const flat = flatten(event);
      for (const element of elements) {
        const original = flatten(element.event)['event.original'];
        // An object that no pack understands is there under its own names, and keeps no original but where a name comes twice; what is none
        // has no names.
        const kept = element.pack !== null || String(original).startsWith('{');
        if (kept) assert.ok(isRest(String(original), mutated.toString('utf8')), String(original));
        if (kept && element.pack === null) assert.ok(losesValues(String(original)), String(original));
      }
      if (!json) assert.equal(flat['event.original'], mutated.toString('utf8'));
      if (pack !== null) checkValues(flat, withDecoded(mutated.toString('utf8')).toLowerCase(), written);
      count++;
    }
  }
  assert.ok(count > 500);
});

/** Whether `part` is what is left of `whole` when other parts are left out, as of documents that are unwound. */
function isRest(part: string, whole: string): boolean {
  if (whole.includes(part)) return true;
  let at = 0;
  for (const char of whole) if (part.startsWith(char, at)) at += char.length;
  return at === part.length;
}

/** The line, and what it says in hexadecimal and in Base64. */
function withDecoded(line: string): string {
  const decoded = [...line.matchAll(/[\da-f]{4,}/gi)].map(([hex]) => Buffer.from(hex, 'hex'));
  const base64 = [...line.matchAll(/[\w+/]{4,}/g)].map(([text]) => Buffer.from(text, 'base64').toString('utf8'));
  // Of a socket's address its bytes, and its port.
  const numbers = decoded.flatMap((bytes) => [bytes.join('.'), bytes.length < 4 ? '' : String(bytes.readUInt16BE(2))]);
  // An argument told in parts is put together, of which one may be no hexadecimal any more.
  const parts = [...line.matchAll(/\ba\d+\[\d+\]=(\S+)/g)].map(([, part = '']) =>
    /^([\da-f]{2})+$/i.test(part) ? Buffer.from(part, 'hex').toString() : part,
  );
  // The last part of an IPv6 address may be written as one of IPv4.
  const embedded = [...line.matchAll(/:(\d+)\.(\d+)\.(\d+)\.(\d+)/g)].map(([, a, b, c, d]) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((half) => half.toString(16)).join(':'),
  );
  const texts = decoded.map((bytes) => bytes.toString('utf8'));
  return [line, ...texts, ...numbers, ...base64, ...embedded, parts.join('')].join('\n');
}

/** Each text of the event stands in the line or in a pack; those that are put together or converted are made of such. */
function checkValues(flat: Record<string, unknown>, line: string, written: string): void {
  for (const [name, value] of Object.entries(flat)) {
    if (
      /^(@timestamp|event\.(created|id|original|start|end)|process\.start|file\.(accessed|created|mtime)|email\.delivery_timestamp|tls\.server\.not_|log\.|tags$|error\.|user_agent\.)/.test(
        name,
      )
    )
      continue;
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item !== 'string') continue;
      const text = item.toLowerCase();
      const known = [text, ...text.split(/[^\p{L}\p{N}]+/u)].filter((part) => part !== '');
      const whole = line.includes(text) || written.includes(text);
      assert.ok(
        whole || known.slice(1).every((part) => line.includes(part) || written.includes(part)),
        `${name} = ${item}\nof ${line}`,
      );
    }
  }
}

function shuffled(count: number, random: () => number): number[] {
  return Array.from({ length: count }, (_, i) => ({ i, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ i }) => i);
}

function relative(file: CaseFile): string {
  return file.path.slice(ownFormats.length + 1);
}
