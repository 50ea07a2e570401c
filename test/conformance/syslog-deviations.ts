/**
 * Where we differ from what another parser expects, and why. A case listed here that no longer differs fails the test,
 * as does one that differs and is not listed.
 */
export interface Deviation {
  /** As the score line names the set. */
  readonly set: string;
  /** Which cases: their number or name in the file. */
  readonly cases: readonly (number | string)[];
  readonly reason: string;
}

export const deviations: readonly Deviation[] = [
  {
    set: 'go-syslog rfc5424',
    cases: [10, 12, 18, 24],
    reason:
      'Not "<PRI>VERSION SP", so nothing says that it was meant as RFC 5424: an RFC 3164 message or plain text, kept as ' +
      'an event with the deviations syslog_no_priority or syslog_no_timestamp.',
  },
  {
    set: 'go-syslog rfc5424',
    cases: [116, 118, 120, 122, 124, 126, 128, 130, 132, 134, 136],
    reason:
      'RFC 5424, 6.4: the byte order mark says that MSG is UTF-8; it is not a part of the text. Upstream leaves it there.',
  },
  {
    set: 'go-syslog octetcounting',
    cases: [2, 6],
    reason:
      'Upstream ends the stream where a count was expected. Methods may be mixed here, so what is not a count is a line, ' +
      'and a line without a header is an event with deviations.',
  },
  {
    set: 'go-syslog octetcounting',
    cases: [16],
    reason:
      'The count is too short: upstream ends the stream, we report the message as broken and go on with what follows it.',
  },
  {
    set: 'beats rfc5424',
    cases: ['err-eof', 'err-invalid-timestamp', 'err-invalid-version'],
    reason:
      'Breaks RFC 5424. Upstream keeps the fields it had found; we keep the priority and the whole frame as the message, ' +
      'so that no field comes from a header that is not understood.',
  },
  {
    set: 'beats rfc5424',
    cases: ['non-compliant-sd', 'non-compliant-sd-with-msg'],
    reason:
      'Check Point writes name:"value"; where RFC 5424 has name="value". Upstream keeps structured data as raw text; ' +
      'ours is JSON, which needs the grammar, so the message is broken (syslog_structured_data).',
  },
  {
    set: 'beats rfc3164',
    cases: ['err-pri-missing-brackets'],
    reason: 'No priority and no timestamp in front: plain text. Upstream takes the month for a host name.',
  },
  {
    set: 'beats rfc3164',
    cases: ['err-pri-negative', 'err-pri-not-a-number', 'err-pri-out-of-range'],
    reason: 'Upstream reports priority -1 and goes on; we have no priority then, and the whole frame is the message.',
  },
  {
    set: 'beats rfc3164',
    cases: ['err-ts-invalid-bsd', 'err-ts-invalid-rfc3339'],
    reason: 'Without a timestamp nothing tells a host name from the first word of a text, so all of it is the message.',
  },
  {
    set: 'plaso',
    cases: ['syslog:8', 'syslog_copy:7', 'syslog_copy:11'],
    reason: 'Damaged on purpose: "MMM 22", "Mar 23 Wrong line".',
  },
  {
    set: 'plaso',
    cases: [
      'syslog:14',
      'syslog_chromeos:9',
      'syslog_copy:14',
      'syslog_rsyslog_ForwardFormat:2',
      'syslog_rsyslog_SysklogdFileFormat:3',
      'syslog_rsyslog_SyslogProtocol23Format:3',
      'syslog_rsyslog_TraditionalForwardFormat:2',
      'syslog_rsyslog_traditional:6',
      'syslog_rsyslog_traditional:8',
      'syslog_rsyslog_traditional:11',
    ],
    reason: 'Second lines of messages that contain a line feed: cut by lines, each is an event of its own.',
  },
];
