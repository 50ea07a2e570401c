/** The client side of one SASL mechanism. */
export interface SaslMechanism {
  readonly name: string;
  /** The first message. */
  first(): Buffer;
  /**
   * What to answer to the server's message; null: done. Throws AuthenticationError when the server's message shows that it
   * does not know our secret, or is malformed.
   */
  next(message: Buffer): Buffer | null;
}
