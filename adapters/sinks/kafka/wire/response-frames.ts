import { ProtocolError } from './wire-errors.js';

/**
 * Cuts a connection's bytes into responses (32-bit length, then the response). What is kept is bounded by
 * `responseBytesMax`: a longer announcement is an error before anything of it is stored.
 */
export class ResponseFrames {
  readonly #bytesMax: number;
  readonly #onResponse: (response: Buffer) => void;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Bytes needed before anything can be cut. */
  #wanted = 4;

  constructor(responseBytesMax: number, onResponse: (response: Buffer) => void) {
    this.#bytesMax = responseBytesMax;
    this.#onResponse = onResponse;
  }

  push(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes < this.#wanted) return;
    const all = this.#pending.length === 1 ? bytes : Buffer.concat(this.#pending, this.#pendingBytes);
    const at = this.#cut(all);
    this.#pending = at < all.length ? [all.subarray(at)] : [];
    this.#pendingBytes = all.length - at;
  }

  #cut(all: Buffer): number {
    let at = 0;
    for (;;) {
      this.#wanted = 4;
      if (all.length - at < 4) return at;
      const length = all.readInt32BE(at);
      if (length < 4 || length > this.#bytesMax)
        throw new ProtocolError(`a response of ${length} bytes is announced (4 to ${this.#bytesMax} are allowed)`);
      this.#wanted = 4 + length;
      if (all.length - at < this.#wanted) return at;
      this.#onResponse(all.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
  }
}
