/** Exit codes, by sysexits.h where it has one. */
export const ExitCode = {
  ok: 0,
  failure: 1,
  /** EX_USAGE: the command line is wrong. */
  usage: 64,
  /** EX_UNAVAILABLE: what had to be asked could not be. */
  unavailable: 69,
  /** EX_SOFTWARE: a bug of ours. */
  software: 70,
  /** EX_CONFIG: the settings are wrong. */
  config: 78,
} as const;
