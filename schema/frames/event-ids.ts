/** The column of event ids (docs/reference/frames.md, id runs). */
import { type ByteReader, refuse } from './bytes.js';
import type { Output } from './output.js';

interface Run {
  /** Node, boot, ring and chunk. */
  readonly prefix: Buffer;
  /** The same in hexadecimal; made when it is asked for. */
  hex: string | undefined;
  readonly index: number;
  readonly length: number;
}

export class EventIds {
  readonly #runs: Run[] = [];
  #at = 0;
  #taken = 0;
  /** Of the id given last. */
  #index = 0;
  /** What the id before has but for its last digits: ids follow each other. */
  #hexHigh = '';
  #high = -1;
  #hexRun: Run | undefined;

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
      this.#runs.push({ prefix, hex: undefined, index, length });
    }
    if (total !== count) refuse('runs that are too short');
  }

  /** Appends the next one, 18 bytes: node, boot, ring, chunk (40 bits), index (24 bits), big-endian. */
  write(out: Output): void {
    const { prefix } = this.#next();
    const index = this.#index;
    out.append(prefix);
    out.byte(index >>> 16);
    out.byte((index >>> 8) & 255);
    out.byte(index & 255);
  }

  /** The same instead as 36 hexadecimal digits. */
  hex(): string {
    const run = this.#next();
    const index = this.#index;
    run.hex ??= run.prefix.toString('hex');
    const high = index >>> 12;
    if (high !== this.#high || run !== this.#hexRun) {
      this.#high = high;
      this.#hexRun = run;
      this.#hexHigh = run.hex + threeDigits(high);
    }
    return this.#hexHigh + threeDigits(index & 4095);
  }

  #next(): Run {
    const run = this.#runs[this.#at] as Run;
    this.#index = (run.index + this.#taken) % 2 ** 24;
    if (++this.#taken === run.length) {
      this.#at++;
      this.#taken = 0;
    }
    return run;
  }
}

const three: (string | undefined)[] = [];

/** Of a number below 4,096. */
function threeDigits(number: number): string {
  three[number] ??= number.toString(16).padStart(3, '0');
  return three[number] as string;
}
