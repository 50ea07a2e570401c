/**
 * PENSTOCK_PRIORITY: which events go first. Rules are separated by commas; an event goes first when one of them fits, and a rule
 * fits when all of its conditions do:
 *
 *   severity<=err                            err or more severe: emerg, alert, crit, err
 *   facility=auth|authpriv severity<=notice  both
 *   source=syslog+tls                        what comes in by this kind of listener
 *   source=syslog+tcp://0.0.0.0:601          … by this listener
 */
import type { ListenerSpec } from '../contracts.js';
import { bracketed } from './url-list.js';

const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
/** RFC 5424, table 1. */
const facilities = [
  'kern,user,mail,daemon,auth,syslog,lpr,news,uucp,cron,authpriv,ftp,ntp,audit,alert,clock'.split(','),
  Array.from({ length: 8 }, (_, i) => `local${i}`),
].flat();
/** Bits of all severities, and of events that have none. */
const anySeverity = 0x1ff;

export interface PriorityRule {
  /** A scheme, or scheme://host:port; null: any listener. */
  readonly source: string | null;
  /** A bit for each severity; bit 8: events without one. */
  readonly severities: number;
  /** Facilities; null: any, also none. */
  readonly facilities: readonly number[] | null;
}

/** `problem(value, allowed)` is called for each mistake. */
export function readPriority(
  text: string,
  listeners: readonly ListenerSpec[],
  problem: (value: string, allowed: string) => void,
): PriorityRule[] {
  const rules = text
    .split(',')
    .map((rule) => rule.trim())
    .filter((rule) => rule !== '');
  return rules.map((rule) => readRule(rule, listeners, (allowed) => problem(rule, allowed)));
}

/**
 * What a pipeline looks an event up in (ListenerPlan.priority): by facility, those without one last, a bit for each severity. Empty when no
 * rule can fit an event of the listener.
 */
export function priorityTable(rules: readonly PriorityRule[], listener: ListenerSpec): number[] {
  const fitting = rules.filter(({ source }) => source === null || names(listener).includes(source));
  if (fitting.length === 0) return [];
  return Array.from({ length: facilities.length + 1 }, (_, facility) =>
    fitting
      .filter((rule) => rule.facilities === null || rule.facilities.includes(facility))
      .reduce((bits, rule) => bits | rule.severities, 0),
  );
}

interface MutableRule {
  source: string | null;
  severities: number;
  facilities: number[] | null;
}

function readRule(text: string, listeners: readonly ListenerSpec[], problem: (allowed: string) => void): PriorityRule {
  const rule: MutableRule = { source: null, severities: anySeverity, facilities: null };
  const seen = new Set<string>();
  for (const condition of text.split(/\s+/)) {
    const [, name = '', operator = '', value = ''] = /^([a-z]+)(<=|=)(.+)$/i.exec(condition) ?? [];
    if (seen.has(name) && name !== '') problem(`${name} once in a rule; several values: ${name}=a|b`);
    seen.add(name);
    if (name === 'severity') rule.severities = readSeverities(operator, value, problem);
    else if (name === 'facility' && operator === '=') rule.facilities = readFacilities(value, problem);
    else if (name === 'source' && operator === '=') rule.source = readSource(value, listeners, problem);
    else problem(`conditions such as severity<=err, facility=auth|authpriv and source=syslog+tls, not "${condition}"`);
  }
  return rule;
}

function readSeverities(operator: string, value: string, problem: (allowed: string) => void): number {
  let bits = 0;
  for (const word of operator === '=' ? value.split('|') : [value]) {
    const code = codeOf(word, severities);
    if (code === undefined) problem(`a severity among ${severities.join(', ')} or 0 to 7, not "${word}"`);
    else bits |= operator === '<=' ? 2 ** (code + 1) - 1 : 2 ** code;
  }
  return bits;
}

function readFacilities(value: string, problem: (allowed: string) => void): number[] {
  return value.split('|').flatMap((word) => {
    const code = codeOf(word, facilities);
    if (code === undefined) problem(`a facility among ${facilities.join(', ')} or 0 to 23, not "${word}"`);
    return code ?? [];
  });
}

function readSource(value: string, listeners: readonly ListenerSpec[], problem: (allowed: string) => void): string {
  const known = [...new Set(listeners.flatMap(names))];
  if (!known.includes(value)) problem(`a source among ${known.join(', ')}, not "${value}"`);
  return value;
}

/** What a rule may call a listener. */
function names({ scheme, host, port }: ListenerSpec): string[] {
  return [scheme, `${scheme}://${bracketed(host)}:${port}`];
}

/** Of a name or a number. */
function codeOf(word: string, list: readonly string[]): number | undefined {
  const code = /^\d+$/.test(word) ? Number(word) : list.indexOf(word.toLowerCase());
  return code >= 0 && code < list.length ? code : undefined;
}
