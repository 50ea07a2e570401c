/** The column of event ids (docs/reference/frames.md, id runs). */
import { type ByteReader, refuse } from './bytes.js';

interface Run {
  /** Node, boot, ring and chunk, a character a byte. */
  readonly prefix: string;
  readonly index: number;
  readonly length: number;
}

export class EventIds {
  readonly #runs: Run[] = [];
  #at = 0;
  #taken = 0;

  constructor(head: ByteReader, count: number) {
    let total = 0;
    let chunk = 0n;
    for (let left = head.varint(count); left > 0; left--) {
      const [node, boot, ring] = [head.varint(2 ** 32 - 1), head.varint(2 ** 32 - 1), head.varint(65_535)] as const;
      chunk = BigInt.asUintN(64, chunk + head.zigzag());
      const index = head.varint(0xffffff);
      const length = head.varint(count - total);
      if (length === 0) refuse('a run of nothing');
      total += length;
      const prefix = Buffer.allocUnsafe(15);
      prefix.writeUInt32BE(node, 0);
      prefix.writeUInt32BE(boot, 4);
      prefix.writeUInt16BE(ring, 8);
      prefix.writeUIntBE(Number(BigInt.asUintN(40, chunk)), 10, 5);
      this.#runs.push({ prefix: prefix.toString('latin1'), index, length });
    }
    if (total !== count) refuse('runs that are too short');
  }

  /** 18 bytes, a character each: node, boot, ring, chunk (40 bits), index (24 bits), big-endian. */
  next(): string {
    const run = this.#runs[this.#at] as Run;
    const index = (run.index + this.#taken) % 2 ** 24;
    if (++this.#taken === run.length) {
      this.#at++;
      this.#taken = 0;
    }
    return run.prefix + String.fromCharCode(index >>> 16, (index >>> 8) & 255, index & 255);
  }
}
