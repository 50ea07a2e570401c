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

export const deviations: readonly Deviation[] = [];
