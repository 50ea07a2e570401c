/**
 * Regular expressions as log tools write them (Oniguruma: Ruby, Logstash, Elasticsearch) in the syntax of our engine, which
 * takes linear time and therefore has no lookaround and no back-references.
 *
 * Kept: the language matched and the order of preference. Changed: `\d \w \s \b` mean ASCII; atomic groups and possessive
 * quantifiers become ordinary ones, which match at least what they did; `(?m)` is our `(?s)`; plain groups do not capture.
 */

/** A named group: its name and, from 1, its number in the translated pattern. */
export interface NamedGroup {
  readonly name: string;
  readonly group: number;
}

export interface Translated {
  readonly source: string;
  readonly groups: readonly NamedGroup[];
}

/** A pattern that has no equivalent here; the message says what and where. */
export class TranslateError extends Error {
  override readonly name = 'TranslateError';
}

const asciiClasses: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '0-9A-Za-z_',
  s: '\\t-\\r ',
  h: '0-9A-Fa-f',
};
const outside: Readonly<Record<string, string>> = {
  A: '\\A',
  z: '\\z',
  Z: '(?:\\n?\\z)',
  b: '(?-u:\\b)',
  B: '\\B',
  R: '(?:\\r\\n|[\\n-\\r\\x{85}\\x{2028}\\x{2029}])',
  e: '\\x1B',
  a: '\\x07',
};
const sameEverywhere = 'nrtfv';

/** @throws TranslateError */
export function translate(pattern: string): Translated {
  return new Translator(pattern).run();
}

class Translator {
  readonly #pattern: string;
  readonly #groups: NamedGroup[] = [];
  #at = 0;
  #out = '';

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  run(): Translated {
    while (this.#at < this.#pattern.length) this.#next();
    return { source: this.#out, groups: this.#groups };
  }

  #next(): void {
    const c = this.#pattern[this.#at] as string;
    if (c === '\\') this.#out += this.#escape(false);
    else if (c === '[') this.#out += this.#class();
    else if (c === '(') this.#open();
    else if (c === '{') this.#brace();
    else {
      this.#out += c;
      this.#at += 1;
    }
  }

  #escape(inClass: boolean): string {
    const start = this.#at;
    const c = this.#pattern[start + 1];
    if (c === undefined) throw this.#refusal('a backslash ends the pattern', start);
    this.#at += c.codePointAt(0) === this.#pattern.codePointAt(start + 1) ? 2 : 3;
    const lower = c.toLowerCase();
    const members = asciiClasses[lower];
    if (members !== undefined) {
      if (c !== lower) return `[^${members}]`;
      return inClass ? members : `[${members}]`;
    }
    if (sameEverywhere.includes(c)) return `\\${c}`;
    if (inClass && c === 'b') return '\\x08';
    const meaning = outside[c];
    if (meaning !== undefined && (!inClass || c === 'e' || c === 'a')) return meaning;
    if (/[xupP]/.test(c)) return this.#copied(c, start);
    if (c === '0') return '\\x00';
    if (/[1-9k]/.test(c)) throw this.#refusal('back-references are not supported', start);
    if (/[A-Za-z]/.test(c)) throw this.#refusal(`the escape \\${c} is not supported`, start);
    return /[\\.+*?()|[\]{}^$#&~-]/.test(c) ? `\\${c}` : this.#pattern.slice(start + 1, this.#at);
  }

  /** `\x41`, `\x{41}`, `\u0041`, `\p{Greek}`, `\pL`: the same in both. */
  #copied(c: string, start: number): string {
    const form = { x: /\\x(?:\{[0-9A-Fa-f]+\}|[0-9A-Fa-f]{2})/y, u: /\\u(?:\{[0-9A-Fa-f]+\}|[0-9A-Fa-f]{4})/y }[c];
    const found = execAt(form ?? /\\[pP](?:\{\^?\w+\}|\w)/y, this.#pattern, start);
    if (!found) throw this.#refusal(`the escape \\${c} is not complete`, start);
    this.#at = start + found[0].length;
    return found[0];
  }

  #class(): string {
    const start = this.#at;
    const posix = execAt(/\[:\^?[a-z]+:\]/y, this.#pattern, start);
    if (posix) {
      this.#at += posix[0].length;
      return posix[0];
    }
    let out = '[';
    this.#at += 1;
    if (this.#pattern[this.#at] === '^') {
      out += '^';
      this.#at += 1;
    }
    if (this.#pattern[this.#at] === ']') {
      out += '\\]';
      this.#at += 1;
    }
    for (;;) {
      const c = this.#pattern[this.#at];
      if (c === undefined) throw this.#refusal('a [ is not closed', start);
      if (c === ']') break;
      if (c === '\\') out += this.#escape(true);
      else if (c === '[') out += this.#innerBracket();
      else {
        // Doubled, these are operators on sets in our engine and characters elsewhere.
        out += /[-~]/.test(c) && this.#pattern[this.#at + 1] === c ? `\\${c}` : c;
        this.#at += 1;
      }
    }
    this.#at += 1;
    return `${out}]`;
  }

  /** A bracket within brackets: a set of its own when it is closed as one, else a character. */
  #innerBracket(): string {
    const rest = this.#pattern.slice(this.#at + 1);
    const close = rest.indexOf(']');
    if (close >= 0 && rest.indexOf(']', close + 1) >= 0 && !/[([]/.test(rest.slice(1, close))) return this.#class();
    this.#at += 1;
    return '\\[';
  }

  #open(): void {
    const { text, consumed } = this.#opened(this.#pattern.slice(this.#at));
    this.#write(text, consumed);
  }

  /** What stands for the `(` that `rest` begins with, and how much of `rest` that is. */
  #opened(rest: string): { text: string; consumed: number } {
    const named = /^\(\?(?:P?<([^=!>][^>]*)>|'([^']+)')/.exec(rest);
    if (named) {
      this.#groups.push({ name: (named[1] ?? named[2]) as string, group: this.#groups.length + 1 });
      return { text: '(', consumed: named[0].length };
    }
    if (rest.startsWith('(?#')) {
      const close = rest.indexOf(')');
      if (close < 0) throw this.#refusal('a comment is not closed', this.#at);
      return { text: '', consumed: close + 1 };
    }
    if (/^\(\?<?[=!]/.test(rest)) {
      const what = rest[2] === '<' ? 'lookbehind' : 'lookahead';
      throw this.#refusal(`${what} is not supported: patterns here take linear time`, this.#at);
    }
    if (rest.startsWith('(?>')) return { text: '(?:', consumed: 3 };
    const flags = /^\(\?([imx]*)(?:-([imx]+))?([:)])/.exec(rest);
    if (flags) {
      const off = flags[2] ? `-${dotAll(flags[2])}` : '';
      return { text: `(?${dotAll(flags[1])}${off}${flags[3]}`, consumed: flags[0].length };
    }
    if (rest.startsWith('(?')) throw this.#refusal(`the group ${rest.slice(0, 4)} is not supported`, this.#at);
    return { text: '(?:', consumed: 1 };
  }

  /** A brace that is no count is a character. */
  #brace(): void {
    const count = execAt(/\{(\d*)(,?)(\d*)\}/y, this.#pattern, this.#at);
    if (!count || (count[1] === '' && count[3] === '')) this.#write('\\{', 1);
    else this.#write(`{${count[1] || '0'}${count[2]}${count[3]}}`, count[0].length);
  }

  #write(text: string, consumed: number): void {
    this.#out += text;
    this.#at += consumed;
  }

  #refusal(what: string, at: number): TranslateError {
    const near = this.#pattern.slice(at, at + 20);
    return new TranslateError(`${what} (at “${near}”, character ${at + 1})`);
  }
}

/** Oniguruma's `m` lets the dot match line ends, which is our `s`. */
function dotAll(flags = ''): string {
  return flags.replace('m', 's');
}

function execAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
