/** The highest rate that passes a trial: doubled until one fails, then halved in between. */
export interface Search {
  readonly from: number;
  readonly most: number;
  /** Ends when the highest that passed and the lowest that failed are within this factor. */
  readonly within: number;
}

/** 0 when not even `from` passes. `trial` is asked once per rate. */
export async function highestRate(search: Search, trial: (rate: number) => Promise<boolean>): Promise<number> {
  let passed = 0;
  let failed = Number.POSITIVE_INFINITY;
  for (let rate = search.from; rate <= search.most && failed === Number.POSITIVE_INFINITY; rate *= 2) {
    if (await trial(rate)) passed = rate;
    else failed = rate;
  }
  while (passed > 0 && failed < Number.POSITIVE_INFINITY && failed > passed * search.within) {
    const rate = Math.round((passed + failed) / 2000) * 1000;
    if (rate <= passed || rate >= failed) break;
    if (await trial(rate)) passed = rate;
    else failed = rate;
  }
  return passed;
}
