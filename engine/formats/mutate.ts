/** Lines made into others, for tests of packs. */

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const injections = [
  '"',
  '\\',
  '=',
  '|',
  '%{user.name}',
  '%s%n',
  ' from 198.51.100.1 port 1 ssh2',
  '\0',
  '\t',
  '[',
  ']',
  'é',
  '\u202e',
  '{"a":1}',
  '<',
  '-1',
];

/** So many of one line: cut, words swapped, bytes changed, texts put in. */
export function* mutations(line: Buffer, random: () => number, count: number): Iterable<Buffer> {
  const place = () => Math.floor(random() * (line.length + 1));
  for (let i = 0; i < count; i++) {
    const at = place();
    switch (i % 4) {
      case 0:
        yield line.subarray(0, at);
        break;
      case 1: {
        const words = line.toString('latin1').split(' ');
        const [a, b] = [Math.floor(random() * words.length), Math.floor(random() * words.length)];
        [words[a], words[b]] = [words[b] as string, words[a] as string];
        yield Buffer.from(words.join(' '), 'latin1');
        break;
      }
      case 2: {
        const copy = Buffer.from(line);
        for (let n = 0; n < 3 && copy.length > 0; n++)
          copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
        yield copy;
        break;
      }
      default:
        yield Buffer.concat([
          line.subarray(0, at),
          Buffer.from(injections[Math.floor(random() * injections.length)] as string),
          line.subarray(at),
        ]);
    }
  }
}
