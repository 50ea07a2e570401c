/**
 * The name that each event of the crash test carries in its message: `crash-key=<stream>.<number>;`. A stream is one TCP
 * connection, or all HTTP requests of one generator; numbers of a stream count up from 0.
 */
export interface EventKey {
  readonly stream: number;
  readonly number: number;
}

const mark = Buffer.from('crash-key=');

export function keyText(stream: number, number: number): string {
  return `crash-key=${stream}.${number};`;
}

/** The first key at or after `from`, and where it ends; null: none. */
export function findKey(bytes: Buffer, from = 0): { key: EventKey; end: number } | null {
  const at = bytes.indexOf(mark, from);
  if (at < 0) return null;
  const stream = digits(bytes, at + mark.length);
  const number = digits(bytes, stream.end + 1);
  return { key: { stream: stream.value, number: number.value }, end: number.end };
}

/** Counts how often each event was seen. */
export class KeyCounts {
  readonly #streams = new Map<number, Uint8Array>();
  total = 0;

  add({ stream, number }: EventKey): void {
    let counts = this.#streams.get(stream);
    if (counts === undefined || number >= counts.length) {
      const larger = new Uint8Array(Math.max(1024, 2 * number));
      if (counts !== undefined) larger.set(counts);
      this.#streams.set(stream, larger);
      counts = larger;
    }
    counts[number] = Math.min(255, (counts[number] as number) + 1);
    this.total++;
  }

  of(stream: number, number: number): number {
    return this.#streams.get(stream)?.[number] ?? 0;
  }

  /** Every event seen at least once. */
  *keys(): Generator<EventKey & { readonly times: number }> {
    for (const [stream, counts] of this.#streams)
      for (let number = 0; number < counts.length; number++)
        if ((counts[number] as number) > 0) yield { stream, number, times: counts[number] as number };
  }
}

function digits(bytes: Buffer, from: number): { value: number; end: number } {
  let value = 0;
  let end = from;
  for (; end < bytes.length; end++) {
    const digit = (bytes[end] as number) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return { value, end };
}
