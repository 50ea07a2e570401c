/** Replays cases.md: alone as a datagram, and all in one stream in every framing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../native/load.js';
import { type ParsedSyslog, parseSyslogFrames, type SyslogFraming } from '../../../native/syslog.js';

interface Case {
  readonly title: string;
  readonly input: Buffer;
  readonly expected: ReadonlyMap<string, string>;
}

const settings = { receivedNs: BigInt(Date.UTC(2026, 6, 1)) * 1_000_000n, utcOffsetSeconds: 0 };
const cases = readCases(readFileSync(join(projectRoot, 'adapters/formats/syslog/cases.md'), 'utf8'));

function readCases(document: string): Case[] {
  return document
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title, ...lines] = section.split('\n');
      const indented = lines.filter((line) => line.startsWith('    ')).map((line) => line.slice(4));
      const fields = indented.slice(1).map((line) => /^(\S+): (.*)$/.exec(line)!);
      return {
        title: title!,
        input: bytesOf(indented[0]!),
        expected: new Map(fields.map(([, name, value]) => [name!, value!])),
      };
    });
}

function bytesOf(text: string): Buffer {
  const named: Record<string, number> = { n: 10, r: 13, 0: 0 };
  const parts = text.split(/(\\[nr0]|\\x[0-9a-f]{2})/).map((part, i) => {
    if (i % 2 === 0) return Buffer.from(part);
    return Buffer.from([part[1] === 'x' ? Number.parseInt(part.slice(2), 16) : named[part[1]!]!]);
  });
  return Buffer.concat(parts);
}

function check(one: Case, parsed: ParsedSyslog | undefined): void {
  assert.ok(parsed, `${one.title}: no frame`);
  for (const [name, value] of one.expected) {
    if (name === '@timestamp') assert.equal(parsed.timestampNs, BigInt(Date.parse(value)) * 1_000_000n, one.title);
    else if (name === 'message') assert.equal(parsed.message, value, one.title);
    else if (name === 'problems') assert.equal(parsed.problems.join(' '), value, one.title);
    else assert.equal(String(parsed.fields[name]), value, `${one.title}: ${name}`);
  }
  if (!one.expected.has('problems')) assert.deepEqual(parsed.problems, [], one.title);
}

for (const one of cases) {
  test(one.title, () => {
    for (const scalar of [false, true]) {
      const frames = parseSyslogFrames(one.input, 'whole', { ...settings, scalar });
      check(one, frames[0]);
    }
  });
}

test('the same events from a stream, whatever the framing', () => {
  const framed = {
    LF: (frame: Buffer) => Buffer.concat([frame, Buffer.from('\n')]),
    CRLF: (frame: Buffer) => Buffer.concat([frame, Buffer.from('\r\n')]),
    NUL: (frame: Buffer) => Buffer.concat([frame, Buffer.from('\0')]),
    'octet counting': (frame: Buffer) => Buffer.concat([Buffer.from(`${frame.length} `), frame]),
  };
  const methods = Object.values(framed);
  const streams: [SyslogFraming, Buffer][] = methods.map((frame) => [
    'syslog',
    Buffer.concat(cases.map(({ input }) => frame(input))),
  ]);
  streams.push(['syslog', Buffer.concat(cases.map(({ input }, i) => methods[i % methods.length]!(input)))]);
  for (const [framing, stream] of streams) {
    const frames = parseSyslogFrames(stream, framing, settings);
    assert.equal(frames.length, cases.length);
    for (const [i, one] of cases.entries()) check(one, frames[i]);
  }
});

test('the manual lists the zone names of native/src/kernels/timezone_names.h', () => {
  const header = readFileSync(join(projectRoot, 'native/src/kernels/timezone_names.h'), 'utf8');
  const names = [...header.matchAll(/\{"([A-Z]{3,})", -?\d+\}/g)].map((match) => match[1]!);
  const manual = readFileSync(join(projectRoot, 'adapters/formats/syslog/README.md'), 'utf8');
  const listed = /or one of ([A-Z\s]+) \(CST/.exec(manual)![1]!.split(/\s+/);
  assert.deepEqual([...listed].sort(), [...names].sort());
});
