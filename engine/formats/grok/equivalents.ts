/**
 * Standard grok patterns that use lookaround, written without it. Where the neighbours of a match mattered (`(?<![0-9])`),
 * the pattern here does not look at them: next to literal text, as in the libraries, it matches the same. Names of hosts
 * and mailboxes are not counted to their greatest length: counting makes programs of thousands of states.
 */

const mailbox = "[a-zA-Z0-9!#$%&'*+\\-/=?^_`{|}~]+";
const octet = '(?:25[0-5]|2[0-4][0-9]|[0-1]?[0-9]{1,2})';

/** Milliseconds follow it. */
const wholeSecond = '(?:[0-5]?[0-9]|60)';

const common: Readonly<Record<string, string>> = {
  BASE10NUM: '(?:[+-]?(?:[0-9]+(?:\\.[0-9]+)?|\\.[0-9]+))',
  BASE16NUM: '(?:[+-]?(?:0x)?[0-9A-Fa-f]+)',
  BASE16FLOAT: '\\b(?:[+-]?(?:0x)?(?:[0-9A-Fa-f]+(?:\\.[0-9A-Fa-f]*)?|\\.[0-9A-Fa-f]+))\\b',
  EMAILLOCALPART: `(?:${mailbox}(?:\\.${mailbox})*)`,
  HOSTNAME: '\\b(?:[0-9A-Za-z][0-9A-Za-z-]*(?:\\.[0-9A-Za-z][0-9A-Za-z-]*)*)(?:\\.?|\\b)',
  QUOTEDSTRING: '(?:"(?:\\\\.|[^\\\\"])*"|\'(?:\\\\.|[^\\\\\'])*\'|`(?:\\\\.|[^\\\\`])*`)',
  IPV4: `(?:${octet}[.]${octet}[.]${octet}[.]${octet})`,
  TIME: '%{HOUR}:%{MINUTE}(?::%{SECOND})',
  MONGO_QUERY: '\\{ .* \\}',
  IPTABLES4_FRAG: '(?:(?:CE|DF|MF)(?: (?:CE|DF|MF))*)?',
};

/** By library; they take the place of the library's own. */
export const equivalents: Readonly<Record<'ecs-v1' | 'legacy', Readonly<Record<string, string>>>> = {
  'ecs-v1': {
    ...common,
    // Upstream forgot the %{}.
    RT_FLOW_EVENT: '%{RT_FLOW_TAG}',
    HAPROXYTIME: `%{HOUR}:%{MINUTE}:${wholeSecond}`,
    SYSLOGPAMSESSION:
      '%{SYSLOGBASE} (?<message>%{WORD:[system][auth][pam][module]}\\(%{DATA:[system][auth][pam][origin]}\\): session ' +
      '%{WORD:[system][auth][pam][session_state]} for user %{USERNAME:[user][name]}(?: by %{GREEDYDATA})?.*)',
  },
  legacy: {
    ...common,
    HAPROXYTIME: `%{HOUR:haproxy_hour}:%{MINUTE:haproxy_minute}:(?<haproxy_second>${wholeSecond})`,
    SYSLOGPAMSESSION:
      '%{SYSLOGBASE} (?<message>%{WORD:pam_module}\\(%{DATA:pam_caller}\\): session %{WORD:pam_session_state} for user ' +
      '%{USERNAME:username}(?: by %{GREEDYDATA:pam_by})?.*)',
  },
};
