/** The known name nearest to a misspelt one: ' (did you mean …?)', or '' when none is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  let [best, least] = ['', Math.max(2, Math.floor(name.length / 4)) + 1];
  for (const candidate of known) {
    const begun = name.length >= 3 && candidate.toLowerCase().startsWith(name.toLowerCase());
    const steps = begun ? 1 : distance(name.toLowerCase(), candidate.toLowerCase());
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best === '' ? '' : ` (did you mean ${best}?)`;
}

/** Levenshtein: the least number of letters to insert, delete or replace. Inputs are short names. */
export function distance(a: string, b: string): number {
  if (a.length > 200 || b.length > 200) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
