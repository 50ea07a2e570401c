/** The youngest lines of several partitions, each of which is read in order. */
export class YoungestLines {
  #lines: { readonly timestampMs: number; readonly line: Buffer }[] = [];

  constructor(readonly most: number) {}

  /** What a record came to: one line, or one for each event of a frame. */
  add(timestampMs: number, lines: Buffer): void {
    for (const line of lastLines(lines, this.most)) this.#lines.push({ timestampMs, line });
    if (this.#lines.length > 4 * this.most) this.#trim();
  }

  /** The youngest, oldest first; none are left. */
  take(): Buffer[] {
    this.#trim();
    return this.#lines.splice(0).map(({ line }) => line);
  }

  #trim(): void {
    this.#lines.sort((a, b) => a.timestampMs - b.timestampMs);
    this.#lines = this.#lines.slice(Math.max(0, this.#lines.length - this.most));
  }
}

/** At most so many of the lines, each with its end. */
function lastLines(lines: Buffer, most: number): Buffer[] {
  const found: Buffer[] = [];
  for (let end = lines.length; end > 0 && found.length < most; ) {
    const start = lines.lastIndexOf(10, end - 2) + 1;
    found.push(lines.subarray(end < 2 ? 0 : start, end));
    end = end < 2 ? 0 : start;
  }
  return found.reverse();
}
