/** The column of event ids (docs/reference/frames.md, id runs). */
import { type ByteReader, refuse } from './bytes.js';

interface Run {
  readonly node: number;
  readonly boot: number;
  readonly ring: number;
  readonly chunk: bigint;
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
      this.#runs.push({ node, boot, ring, chunk, index, length });
    }
    if (total !== count) refuse('runs that are too short');
  }

  /** 18 bytes: node, boot, ring, chunk (40 bits), index (24 bits), big-endian. */
  next(): Buffer {
    const run = this.#runs[this.#at] as Run;
    const id = Buffer.allocUnsafe(18);
    id.writeUInt32BE(run.node, 0);
    id.writeUInt32BE(run.boot, 4);
    id.writeUInt16BE(run.ring, 8);
    id.writeUIntBE(Number(BigInt.asUintN(40, run.chunk)), 10, 5);
    id.writeUIntBE((run.index + this.#taken) % 2 ** 24, 15, 3);
    if (++this.#taken === run.length) {
      this.#at++;
      this.#taken = 0;
    }
    return id;
  }
}
