/** Lines of standard input as the engine cuts them out of a stream: by LF alone or CRLF, whatever bytes stand between. */

/** Those that are not empty, in order. */
export async function* inputLines(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const bytes of input) {
    let at = 0;
    for (let end = bytes.indexOf(lf); end >= 0; at = end + 1, end = bytes.indexOf(lf, at)) {
      const line = whole([...begun, bytes.subarray(at, end)]);
      begun = [];
      if (line.length > 0) yield line;
    }
    if (at < bytes.length) begun.push(bytes.subarray(at));
  }
  const last = whole(begun);
  if (last.length > 0) yield last;
}

const lf = 10;
const cr = 13;

function whole(parts: readonly Buffer[]): Buffer {
  const line = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  return line.at(-1) === cr ? line.subarray(0, -1) : line;
}
