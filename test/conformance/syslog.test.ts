/**
 * Conformance of the syslog parser with other parsers' test tables (test/data/syslog). Where one of them and the RFC
 * differ the RFC wins; every difference is in syslog-deviations.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences, type Expected, parseMessage, parseStream, readCases, readText } from './syslog-data.js';
import { deviations } from './syslog-deviations.js';

interface Outcome {
  readonly id: number | string;
  /** Empty: as upstream. */
  readonly differs: readonly string[];
}

/** Prints the score line of a set and holds the differences against the list. */
function score(set: string, outcomes: readonly Outcome[], remark = ''): void {
  const differing = outcomes.filter((outcome) => outcome.differs.length > 0);
  console.log(`${set}: ${outcomes.length - differing.length} of ${outcomes.length} as upstream${remark}`);
  const listed = new Set(deviations.filter((entry) => entry.set === set).flatMap((entry) => entry.cases));
  const unlisted = differing.filter((outcome) => !listed.has(outcome.id));
  assert.deepEqual(
    unlisted.map(({ id, differs }) => `${id}: ${differs.join('; ')}`),
    [],
    `${set}: differences that are not listed`,
  );
  const differ = new Set(differing.map((outcome) => outcome.id));
  const gone = [...listed].filter((id) => !differ.has(id));
  assert.deepEqual(gone, [], `${set}: listed, but no longer differing`);
}

interface GoMessage {
  readonly Priority: number;
  readonly Facility: number;
  readonly Severity: number;
  readonly Version?: number;
  readonly Timestamp: string | null;
  readonly Hostname: string | null;
  readonly Appname: string | null;
  readonly ProcID: string | null;
  readonly MsgID: string | null;
  readonly StructuredData?: Record<string, unknown> | null;
  readonly Message: string | null;
}

interface GoCase {
  readonly n: number;
  readonly input?: string;
  readonly input_base64?: string;
  readonly valid: boolean;
  readonly value?: GoMessage;
}

function fromGo(value: GoMessage): Expected {
  const pid = value.ProcID !== null && /^(0|[1-9]\d{0,15})$/.test(value.ProcID);
  const levels = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
  return {
    'log.syslog.priority': value.Priority,
    'log.syslog.facility.code': value.Facility,
    'log.syslog.severity.code': value.Severity,
    'log.level': levels[value.Severity],
    'log.syslog.version': value.Version === undefined ? undefined : String(value.Version),
    timestamp: value.Timestamp,
    'host.hostname': value.Hostname,
    'process.name': value.Appname,
    'process.pid': pid ? Number(value.ProcID) : undefined,
    'log.syslog.procid': pid ? undefined : value.ProcID,
    'log.syslog.msgid': value.MsgID,
    'log.syslog.structured_data': value.StructuredData,
    message: value.Message,
  };
}

const bytesOf = (c: GoCase): Buffer =>
  c.input === undefined ? Buffer.from(c.input_base64 ?? '', 'base64') : Buffer.from(c.input);

for (const format of ['rfc5424', 'rfc3164']) {
  test(`go-syslog ${format}`, () => {
    const cases = readCases<GoCase>(`go-syslog/${format}.json`);
    const misunderstood: number[] = [];
    const outcomes = cases.map((c) => {
      const parsed = parseMessage(bytesOf(c));
      if (c.value === undefined) return { id: c.n, differs: parsed.failed ? [] : ['understood, not refused'] };
      if (parsed.failed) misunderstood.push(c.n);
      return { id: c.n, differs: differences(fromGo(c.value), parsed) };
    });
    assert.deepEqual(misunderstood, [], 'RFC-valid cases that are not understood');
    score(`go-syslog ${format}`, outcomes, '; every RFC-valid case understood');
  });
}

interface GoStream {
  readonly n: number;
  readonly descr: string;
  readonly input: string;
  readonly trailer?: string;
  readonly results: readonly { readonly message?: GoMessage; readonly error?: string }[];
}

for (const framing of ['octetcounting', 'nontransparent']) {
  test(`go-syslog ${framing}`, () => {
    const outcomes = readCases<GoStream>(`go-syslog/${framing}.json`).map((c) => {
      const frames = parseStream(Buffer.from(c.input), 'syslog');
      const differs = c.results.flatMap((result, i) => {
        const frame = frames[i];
        if (result.message === undefined) return frame === undefined || frame.failed ? [] : [`frame ${i} understood`];
        return frame === undefined ? [`no frame ${i}`] : differences(fromGo(result.message), frame);
      });
      if (frames.length > c.results.length) differs.push(`${frames.length} frames`);
      return { id: c.trailer === undefined ? c.n : `${c.n} ${c.trailer}`, differs };
    });
    score(`go-syslog ${framing}`, outcomes);
  });
}

interface BeatsCase {
  readonly name: string;
  readonly input: string;
  readonly error: string;
  readonly expected: Readonly<Record<string, string | number>>;
}

/** Structured data as beats keeps it (raw), the way RFC 5424 reads it. */
function structuredData(raw: string): Record<string, Record<string, string>> {
  const elements: Record<string, Record<string, string>> = {};
  for (const [, id, params] of raw.matchAll(/\[([^ \]=]+)((?: [^=\]]+="(?:\\.|[^"\\])*")*)\]/g)) {
    const values: Record<string, string> = {};
    for (const [, name, value] of params!.matchAll(/ ([^=]+)="((?:\\.|[^"\\])*)"/g)) {
      values[name!] = value!.replace(/\\(["\\\]])/g, '$1');
    }
    elements[id!] = values;
  }
  return elements;
}

function fromBeats(expected: BeatsCase['expected']): Expected {
  const names: Record<string, string> = {
    priority: 'log.syslog.priority',
    facility: 'log.syslog.facility.code',
    severity: 'log.syslog.severity.code',
    timestamp: 'timestamp',
    hostname: 'host.hostname',
    process: 'process.name',
    msg_id: 'log.syslog.msgid',
    msg: 'message',
  };
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(expected)) {
    if (name === 'pid') fields['process.pid'] = Number(value);
    else if (name === 'version') fields['log.syslog.version'] = String(value);
    else if (name === 'structured_data_raw') fields['log.syslog.structured_data'] = structuredData(String(value));
    else fields[names[name]!] = value;
  }
  return fields;
}

for (const format of ['rfc5424', 'rfc3164']) {
  test(`beats ${format}`, () => {
    const outcomes = readCases<BeatsCase>(`beats-libbeat/${format}.json`).map((c) => {
      const parsed = parseMessage(Buffer.from(c.input));
      const differs = differences(fromBeats(c.expected), parsed);
      if (c.error === '' && parsed.failed) differs.push(`failed: ${parsed.problem}`);
      return { id: c.name, differs };
    });
    score(`beats ${format}`, outcomes);
  });
}

interface OtelCase {
  readonly name: string;
  readonly input: string;
  readonly config: { readonly location: string };
  readonly expected: {
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly severity_text: string;
    readonly timestamp: string;
  };
}

test('otel-log-collection', () => {
  // The cases are in January: standard time.
  const offsets: Record<string, number> = { 'America/Detroit': -5 * 3600, 'Europe/Athens': 2 * 3600 };
  const names: Record<string, string> = {
    priority: 'log.syslog.priority',
    facility: 'log.syslog.facility.code',
    appname: 'process.name',
    hostname: 'host.hostname',
    msg_id: 'log.syslog.msgid',
    structured_data: 'log.syslog.structured_data',
    message: 'message',
  };
  const outcomes = readCases<OtelCase>('otel-log-collection/cases.json').map((c) => {
    const { attributes, severity_text, timestamp } = c.expected;
    const expected: Record<string, unknown> = { timestamp, 'log.level': severity_text };
    for (const [name, value] of Object.entries(attributes)) {
      if (name === 'proc_id') expected['process.pid'] = Number(value);
      else if (name === 'version') expected['log.syslog.version'] = String(value);
      else expected[names[name]!] = value;
    }
    const parsed = parseMessage(Buffer.from(c.input), offsets[c.config.location] ?? 0);
    return { id: c.name, differs: differences(expected, parsed) };
  });
  score('otel-log-collection', outcomes);
});

test('plaso: every line of its files is an event with a timestamp', () => {
  const files = [
    'syslog',
    'syslog_chromeos',
    'syslog_copy',
    'syslog_cron.log',
    'syslog_osx',
    'syslog_rsyslog',
    'syslog_rsyslog_ForwardFormat',
    'syslog_rsyslog_SysklogdFileFormat',
    'syslog_rsyslog_SyslogProtocol23Format',
    'syslog_rsyslog_TraditionalForwardFormat',
    'syslog_rsyslog_traditional',
    'syslog_ssh.log',
  ];
  const outcomes = files.flatMap((file) =>
    parseStream(readText(`plaso/${file}`), 'line').map((event, i) => {
      const differs = event.failed || event.timestampNs === null ? [event.message ?? ''] : [];
      return { id: `${file}:${i + 1}`, differs };
    }),
  );
  score('plaso', outcomes);
});
