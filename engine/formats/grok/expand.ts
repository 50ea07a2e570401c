/** Grok: `%{SYNTAX}`, `%{SYNTAX:name}` and `%{SYNTAX:name:type}` become one regular expression and a list of captures. */
import type { GrokLibrary } from './library.js';
import { translate } from './translate.js';

/** Conversions a grok expression may ask for. */
export type GrokType = 'int' | 'long' | 'float' | 'double' | 'boolean' | 'string';

export interface GrokCapture {
  /** Of the group in the regular expression, from 1. */
  readonly group: number;
  /** Dotted: `[source][ip]` is source.ip. One name may have several groups, of which at most a few take part. */
  readonly name: string;
  readonly type: GrokType;
}

export interface GrokExpression {
  /** In the syntax of `native/patterns.ts`. */
  readonly source: string;
  readonly captures: readonly GrokCapture[];
}

/** An expression or a pattern it uses is wrong; the message is for its author. */
export class GrokError extends Error {
  override readonly name = 'GrokError';
}

const expandedCharactersMax = 256 << 10;
const depthMax = 50;
const reference = /%\{([\w-]+)(?::([^:}]+))?(?::([^}]+))?\}/g;
const types: ReadonlySet<string> = new Set(['int', 'long', 'float', 'double', 'boolean', 'string']);

/**
 * @param namesOnly false: patterns without a name are captured under their own (`%{WORD}` as WORD), as Logstash does with
 *   named_captures_only off
 * @throws GrokError an unknown pattern or type, patterns within themselves, too long an expression
 * @throws TranslateError lookaround and back-references
 */
export function expandGrok(expression: string, library: GrokLibrary, namesOnly = true): GrokExpression {
  const { source, groups } = translate(new Expander(library, namesOnly).expand(expression, []));
  return { source, captures: groups.map(({ name, group }) => capture(name, group)) };
}

class Expander {
  readonly #library: GrokLibrary;
  readonly #namesOnly: boolean;
  #characters = 0;

  constructor(library: GrokLibrary, namesOnly: boolean) {
    this.#library = library;
    this.#namesOnly = namesOnly;
  }

  expand(text: string, within: readonly string[]): string {
    this.#characters += text.length;
    if (this.#characters > expandedCharactersMax)
      throw new GrokError(`the expression is longer than ${expandedCharactersMax} characters when it is expanded`);
    const odd = /(?<!\\)%\{[^}]*\}?/.exec(text.replaceAll(reference, ''))?.[0];
    if (odd !== undefined)
      throw new GrokError(`${odd} is no reference: write %{SYNTAX}, %{SYNTAX:name} or %{SYNTAX:name:type}`);
    return text.replaceAll(reference, (_, syntax: string, name?: string, type?: string) => {
      const pattern = this.#library.get(syntax);
      if (pattern === undefined) throw new GrokError(`there is no pattern called ${syntax}`);
      if (within.includes(syntax) || within.length >= depthMax)
        throw new GrokError(`the pattern ${syntax} contains itself: ${[...within, syntax].join(' > ')}`);
      if (type !== undefined && !types.has(type))
        throw new GrokError(`${type} is not a type: use ${[...types].join(', ')} (in %{${syntax}:${name}:${type}})`);
      const inner = this.expand(pattern, [...within, syntax]);
      const wanted = name ?? (this.#namesOnly ? undefined : syntax);
      if (wanted === undefined) return `(?:${inner})`;
      return `(?<${wanted}${type === undefined ? '' : `:${type}`}>${inner})`;
    });
  }
}

function capture(marked: string, group: number): GrokCapture {
  const [name, type = 'string'] = marked.split(':') as [string, GrokType?];
  return { group, name: dotted(name), type };
}

/** `[a][b]` is a.b (and upstream's slip `[a][b]?` too); `@timestamp` and dotted names stay. */
function dotted(name: string): string {
  return name.startsWith('[') ? name.replaceAll(/\]\[/g, '.').replaceAll(/[[\]?]/g, '') : name;
}
