// Writes test/data/frames: frames made by the engine and the records of their events, each with its size as a varint before it.
// Run by hand, after `npm run build`, for a new version of the format or new codings only: readers must read the old ones for ever, so
// what is there stays.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeInput } from '../dist/bench/inputs/inputs.js';
import { frameOfLines } from '../dist/native/frames.js';
import { projectRoot } from '../dist/native/load.js';

const folder = join(projectRoot, 'test/data/frames');
mkdirSync(folder, { recursive: true });
const lines = (bytes, count) => `${bytes.toString('latin1').split('\n').slice(0, count).join('\n')}\n`;
const sample = (file, count) => lines(readFileSync(join(projectRoot, 'bench/data', file)), count);
const odd = [
  '<13>1 2026-03-01T10:00:00.250+02:00 h a 1 ID [a@1 b="c" d="e"][x] n=007 f=-0.50 m=AB-CD-EF-01 u=3f2a-99 msg="it did /x 9" end.',
  '<13>1 2026-03-01T10:00:00.250+02:00 h a 1 ID [a@1 b="c\\"" d="e"] no',
  '<13>Oct 11 22:14:15 su: x',
  'nothing at all',
  '<999>',
  '\xff\xfe',
];
// Integers of every width in bits, of both signs: readers have ways of their own for the small ones.
let seed = 11n;
const random = (bits) => {
  seed = BigInt.asUintN(128, seed * 0x2360ed051fc65da44385df649fccf645n + 1n);
  return (seed >> 64n) & ((1n << bits) - 1n);
};
const widths = Array.from({ length: 63 }, (_, i) => BigInt(i + 1));
const wide = () => `{${widths.map((bits) => `"w${bits}":${bits % 3n ? random(bits) : -random(bits)}`)}}\n`;
// Columns that are functions of an earlier one, of each coding that there may be.
const values = ['dictionary', 'addresses', 'digits', 'decimals', 'numbers'];
const ofFive = (i) => [`"${'abcde'[i]}q"`, `"10.0.0.${i}"`, `"00${i}"`, `"${i + 0.5}"`, i * i];
const mapped = (_, i) => {
  const at = (i * i + 3 * i) % 5;
  return `{${values.map((name, k) => `"${name}":${ofFive((at + k) % 5)[k]},"of_${name}":"text ${'klmno'[at]}${k}"`)}}\n`;
};
// The same of columns with values that are not of their type, at the same places.
const typed = [(n) => `10.0.0.${n}`, (n) => `${n}`.padStart(4, '0'), (n) => `${n}.5`, (n) => `${n + 100}`];
const exceptional = (_, i) => {
  const at = (i * i + 3 * i) % 11;
  const odd = i % 40 === 5;
  const pair = (text, k) => `"t${k}":"${odd ? '-' : text(at)}","of_t${k}":"${odd ? `none ${i}` : text((at * 7) % 11)}"`;
  return `{${typed.map(pair)}}\n`;
};
const inputs = {
  exceptions: [Array.from({ length: 200 }, exceptional).join(''), true],
  mapped: [Array.from({ length: 120 }, mapped).join(''), true],
  numbers: [Array.from({ length: 120 }, wide).join(''), true],
  syslog: [lines(Buffer.from(makeInput('syslog').lines), 300), false],
  json: [lines(Buffer.from(makeInput('ndjson').lines), 150), true],
  auth: [sample('linux_auth.log', 400), false],
  apache: [sample('apache_combined.log', 150), false],
  zeek: [sample('zeek.ndjson', 100), true],
  odd: [
    `${Array.from({ length: 120 }, (_, i) => odd[i % 7 < 2 ? i % odd.length : 0].replace('007', `0${10 + i}`)).join('\n')}\n`,
    false,
  ],
};
for (const [name, [text, json]] of Object.entries(inputs)) {
  if (existsSync(join(folder, `${name}.frame`))) continue;
  const { frame, records } = frameOfLines(Buffer.from(text, 'latin1'), { json });
  const sized = records.flatMap((record) => [varint(record.length), record]);
  writeFileSync(join(folder, `${name}.frame`), frame);
  writeFileSync(join(folder, `${name}.records`), Buffer.concat(sized));
  console.log(name, records.length, frame.length);
}

function varint(value) {
  const bytes = [];
  for (; value >= 128; value >>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}
