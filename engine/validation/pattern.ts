/**
 * A `pattern` of JSON Schema (ECMA-262, with the flag u, as ajv reads it) in the syntax of the linear-time engine. What that engine cannot
 * do (look-around, back references) is left as it is, and refused when the schema is loaded.
 */

/** Outside of a class, and within one. */
const shorthand: Readonly<Record<string, readonly [outside: string, inside: string]>> = {
  d: ['[0-9]', '0-9'],
  D: ['[^0-9]', '[^0-9]'],
  w: ['[0-9A-Za-z_]', '0-9A-Za-z_'],
  W: ['[^0-9A-Za-z_]', '[^0-9A-Za-z_]'],
  b: ['(?-u:\\b)', '\\x08'],
  B: ['(?-u:\\B)', 'B'],
  '0': ['\\x00', '\\x00'],
  '/': ['/', '/'],
};
const plain: Readonly<Record<string, string>> = { '.': '[^\\n\\r\\x{2028}\\x{2029}]', $: '\\z', '^': '\\A' };
/** Set operations of the engine's classes begin with these. */
const setCharacters = new Set(['[', '&', '~']);

export function toLinearPattern(source: string): string {
  let out = '';
  let inClass = false;
  for (let i = 0; i < source.length; ) {
    const c = source[i] as string;
    if (c === '\\') {
      const [text, size] = escaped(source.slice(i), inClass);
      out += text;
      i += size;
      continue;
    }
    if (inClass) {
      out += setCharacters.has(c) ? `\\${c}` : c;
      inClass = c !== ']';
    } else if (c === '[') {
      const all = source.startsWith('[^]', i);
      out += all ? '[\\s\\S]' : source.startsWith('[^', i) ? '[^' : '[';
      i += all ? 2 : source.startsWith('[^', i) ? 1 : 0;
      inClass = !all;
    } else if (/^\(\?<[^=!]/.test(source.slice(i, i + 4))) {
      out += '(?P<';
      i += 2;
    } else {
      out += plain[c] ?? c;
    }
    i++;
  }
  return out;
}

/** An escape at the beginning of `text`: what it becomes, and its length. */
function escaped(text: string, inClass: boolean): [string, number] {
  const pair = /^\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})/i.exec(text);
  if (pair) return [point(String.fromCharCode(code(pair[1]), code(pair[2])).codePointAt(0) ?? 0), pair[0].length];
  const one = /^\\(?:u\{([0-9a-f]+)\}|u([0-9a-f]{4})|x([0-9a-f]{2}))/i.exec(text);
  if (one) return [point(code(one[1] ?? one[2] ?? one[3])), one[0].length];
  const control = /^\\c([a-z])/i.exec(text);
  if (control) return [point((control[1] as string).charCodeAt(0) % 32), 3];
  const known = shorthand[text[1] ?? ''];
  return [known ? known[inClass ? 1 : 0] : text.slice(0, 2), 2];
}

function code(hex: string | undefined): number {
  return Number.parseInt(hex ?? '0', 16);
}

function point(codePoint: number): string {
  return `\\x{${codePoint.toString(16)}}`;
}
