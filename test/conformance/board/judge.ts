/**
 * How an expected value and ours are compared: texts exactly; numbers by value, also where one side writes them as a text; times as
 * instants, to the millisecond; addresses without regard to how they are written (an IPv4-mapped one is the IPv4 one, RFC 4291 2.5.5.2); lists as sets, a list of one as that one; an empty text or list as none. Objects in
 * lists (which stand for what came in) by their JSON.
 */
export type Verdict = 'right' | 'wrong' | 'missing';

export function judge(expected: unknown, got: unknown): Verdict {
  if (got === undefined || got === null) return isNone(expected) ? 'right' : 'missing';
  return same(expected, got) ? 'right' : 'wrong';
}

/** What we leave out. */
function isNone(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}

function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) || Array.isArray(b)) return sameSet(asList(a), asList(b));
  if (a === b) return true;
  if (typeof a === 'object' && typeof b === 'object') return JSON.stringify(a) === JSON.stringify(b);
  const [x, y] = [String(a), String(b)];
  return x === y || sameNumber(x, y) || sameTime(x, y) || sameAddress(x, y);
}

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

function sameSet(a: unknown[], b: unknown[]): boolean {
  return a.every((one) => b.some((other) => same(one, other))) && b.every((one) => a.some((other) => same(one, other)));
}

function sameNumber(x: string, y: string): boolean {
  const number = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
  return number.test(x) && number.test(y) && Number(x) === Number(y);
}

function sameTime(x: string, y: string): boolean {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
  return time.test(x) && time.test(y) && Date.parse(x) === Date.parse(y);
}

function sameAddress(x: string, y: string): boolean {
  return (x.includes(':') || y.includes(':')) && /^[\da-fA-F:.]+$/.test(x + y) && canonical(x) === canonical(y);
}

function canonical(address: string): string {
  const inIpv6 = address.includes(':') ? address : `::ffff:${address}`;
  try {
    return new URL(`http://[${inIpv6}]/`).hostname;
  } catch {
    return address;
  }
}
