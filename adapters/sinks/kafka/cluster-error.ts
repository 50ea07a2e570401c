import { type Failure, failureOfError } from './trouble.js';

/** A request that failed, as a Failure. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  constructor(readonly failure: Failure) {
    super(failure.text);
  }
}

/** Whatever happened, wrapped. */
export function asClusterError(error: unknown): ClusterError {
  return error instanceof ClusterError ? error : new ClusterError(failureOfError(error));
}
export function failureOf(error: unknown): Failure {
  return asClusterError(error).failure;
}
