/** Rows of numbers of which it is not known how many come: typed memory that doubles. */
export class Growing {
  #memory: Uint32Array | Uint8Array;
  #used = 0;

  constructor(
    readonly width: number,
    readonly type: typeof Uint32Array | typeof Uint8Array = Uint32Array,
  ) {
    this.#memory = new type(1024);
  }

  get count(): number {
    return this.#used / this.width;
  }

  /** Answers the row's place. */
  add(...row: number[]): number {
    if (row.length !== this.width) throw new Error(`a row has ${row.length} words, not ${this.width}`);
    this.#room(this.width);
    for (const value of row) this.#memory[this.#used++] = value;
    return this.count - 1;
  }

  set(row: number, column: number, value: number): void {
    this.#memory[row * this.width + column] = value;
  }

  /** Of width 1: answers where it begins. */
  append(bytes: Uint8Array): number {
    this.#room(bytes.length);
    this.#memory.set(bytes, this.#used);
    this.#used += bytes.length;
    return this.#used - bytes.length;
  }

  done(): { words: Uint32Array; rows: number } {
    return { words: this.#memory.subarray(0, this.#used) as Uint32Array, rows: this.count };
  }

  bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#used) as Uint8Array;
  }

  #room(more: number): void {
    if (this.#used + more <= this.#memory.length) return;
    const larger = new this.type(Math.max(this.#memory.length * 2, this.#used + more));
    larger.set(this.#memory);
    this.#memory = larger;
  }
}
