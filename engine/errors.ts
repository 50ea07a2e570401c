import type { StoredBatch } from './contracts.js';

/** An error of operation (not of programming): what happened, to which object, and what to do. */
export class OperatingError extends Error {
  override readonly name: string = 'OperatingError';
  constructor(
    /** Stable, upper case, e.g. 'LISTEN_ADDRESS_IN_USE'. */
    readonly code: string,
    /** What happened, to which object. */
    message: string,
    /** What the operator can do. */
    readonly remedy: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** What the settings name (a file, a format pack) is not what it should be. The process exits as for any other mistake in them. */
export class SettingsError extends OperatingError {}

/** One wrong setting: flag, value, what is allowed. */
export interface ConfigProblem {
  readonly flag: string;
  readonly value: string;
  readonly allowed: string;
  readonly origin: string;
}

/** Every mistake of a configuration at once. The process exits with 78 (EX_CONFIG). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly ConfigProblem[]) {
    super(problems.map((p) => `${p.flag}=${p.value} (${p.origin}): ${p.allowed}`).join('\n'));
  }
}

/** Records of a batch that the far side refuses for ever, as a record batch of their own, and why. */
export interface RefusedPart {
  readonly batch: StoredBatch;
  readonly code: string;
  readonly message: string;
  /** They are all of the batch, and each record has its own message, in the header of dead letters. */
  readonly inRecords?: boolean;
}

/**
 * Why a sink did not take a batch. `retry`: try again at once or soon; `wait`: the far side is down; `never`: it refuses it.
 * `refused` (with `never`): only these records are refused, all others of the batch are delivered.
 */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly refused: readonly RefusedPart[] | undefined;
  constructor(
    readonly verdict: 'retry' | 'wait' | 'never',
    readonly code: string,
    message: string,
    options?: { cause?: unknown; refused?: readonly RefusedPart[] },
  ) {
    super(message, options);
    this.refused = options?.refused;
  }
}

/** The rings have no room now; nothing of the body was taken. */
export class RingFull extends Error {
  override readonly name = 'RingFull';
}
