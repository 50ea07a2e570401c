/** `match` patterns: literals and '%{name:kind}'. */

/** As PartKind of native/src/packs/plan_rows.h. */
export const captureKinds = {
  text: 1,
  word: 2,
  int: 3,
  number: 4,
  ip: 5,
  quoted: 6,
  '*': 7,
  hex: 8,
  spaces: 9,
  trimmed: 10,
} as const;
export type CaptureKind = keyof typeof captureKinds;

export type PatternPart =
  | { readonly literal: string }
  | { readonly kind: CaptureKind /** '' captures nothing. */; readonly name: string };

export interface ParsedPattern {
  readonly parts: readonly PatternPart[];
  /** Place of the open capture, −1: none. */
  readonly open: number;
  readonly problem: string;
}

const kinds = Object.keys(captureKinds).join(', ');
const capturesMax = 64;

function endsAtLiteral(kind: string): boolean {
  return kind === 'text' || kind === 'quoted' || kind === 'trimmed';
}

export function parsePattern(pattern: string): ParsedPattern {
  const parts: PatternPart[] = [];
  let problem = '';
  const wrong = (text: string) => {
    if (problem === '') problem = text;
  };
  for (const [i, piece] of pattern.split(/%\{([^}]*)\}/).entries()) {
    if (i % 2 === 0) {
      if (piece.includes('%{')) wrong("a '%{' is not closed");
      if (piece !== '') parts.push({ literal: piece });
      continue;
    }
    const [, name = '', kind = 'text'] = /^([^:]*)(?::(.*))?$/.exec(piece) ?? [];
    if (!(kind in captureKinds)) wrong(`there is no kind ${kind} of capture: ${kinds}`);
    if (name !== '' && !/^[A-Za-z_@][\w@.-]*$/.test(name)) wrong(`${name} is not the name of a field or variable`);
    const before = parts.at(-1);
    if (
      (kind === '*' || endsAtLiteral(kind)) &&
      before &&
      'kind' in before &&
      (before.kind === '*' || endsAtLiteral(before.kind))
    )
      wrong('between two captures of any text must stand a literal');
    parts.push({ kind: kind as CaptureKind, name });
  }
  const opens = parts.flatMap((part, i) => ('kind' in part && part.kind === '*' ? [i] : []));
  if (opens.length > 1) wrong("only one capture may be open ('*'): it is what lies between all others");
  if (parts.length === 0) wrong('a pattern is not empty');
  const captures = parts.filter((part) => 'kind' in part);
  if (captures.length > capturesMax) wrong(`a pattern has at most ${capturesMax} captures`);
  const neighbours = parts.slice(0, -1).some((part, i) => {
    const next = parts[i + 1] as PatternPart;
    return 'kind' in part && endsAtLiteral(part.kind) && 'kind' in next;
  });
  if (neighbours) wrong('a capture of any text ends at a literal: give it one, or a kind (word, int, ip …)');
  return { parts, open: opens[0] ?? -1, problem };
}
