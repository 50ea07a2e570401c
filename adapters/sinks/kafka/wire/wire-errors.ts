/** The peer sent bytes that are not the Kafka protocol, or too many of them. The connection is closed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** The connection could not be made, was lost, or a request was not answered in time. The request may have been executed. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  constructor(
    /** ECONNREFUSED, ETIMEDOUT, ECONNRESET, TLS codes, REQUEST_TIMED_OUT, CLOSED … */
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The broker refused our credentials, or we refuse the broker's proof (SCRAM). */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';
}

/** The broker does not speak a version we need. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}
