/** A text that many events have: made once. */
import { isAscii } from 'node:buffer';

export class SharedText {
  #text: string | undefined;

  constructor(readonly bytes: Buffer) {}

  get text(): string {
    this.#text ??= this.bytes.toString(isAscii(this.bytes) ? 'latin1' : 'utf8');
    return this.#text;
  }
}
