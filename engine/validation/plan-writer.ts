/**
 * The plan of a schema as native code reads it (native/src/validation/schema.h), 32-bit words in the machine's order:
 *
 *   magic | version | nodes | words | bytes of strings | patterns
 *   where each node's checks begin, in words, and where the last ones end | each pattern: offset, size
 *   checks: op | words, these four included | message: offset, size | arguments …
 *   strings
 */
import { noNode, type OpName, ops, schemaMagic, schemaVersion } from '../../native/validation.js';

/** A text, kept once. */
export type TextPlace = readonly [offset: number, size: number];

/** What is asked of an object's properties; `others` of those that are not declared, `names` of each name. */
export interface Properties {
  readonly others?: number;
  readonly names?: number;
  readonly properties: readonly { readonly name: string; readonly node: number; readonly flags: number }[];
  readonly patterns?: readonly { readonly number: number; readonly node: number }[];
}

export class PlanWriter {
  readonly #nodes: number[][] = [];
  readonly #strings: Buffer[] = [];
  readonly #places = new Map<string, TextPlace>();
  readonly #patterns: string[] = [];
  #stringBytes = 0;

  /** A node without checks so far: everything fits it. */
  node(): number {
    return this.#nodes.push([]) - 1;
  }

  check(node: number, op: OpName, says: string, args: readonly number[] = []): void {
    const words = this.#nodes[node] as number[];
    words.push(ops.indexOf(op), 4 + args.length, ...this.text(says));
    for (const arg of args) words.push(arg);
  }

  properties(
    node: number,
    says: string,
    { others = noNode, names = noNode, properties, patterns = [] }: Properties,
  ): void {
    this.check(node, 'properties', says, [
      others,
      names,
      properties.length,
      patterns.length,
      0, // where native code notes how it hashed the names
      ...properties.flatMap((property) => [...this.text(property.name), property.node, property.flags]),
      ...patterns.flatMap((pattern) => [pattern.number, pattern.node]),
    ]);
  }

  text(text: string): TextPlace {
    const known = this.#places.get(text);
    if (known) return known;
    const bytes = Buffer.from(text);
    const place = [this.#stringBytes, bytes.length] as const;
    this.#strings.push(bytes);
    this.#stringBytes += bytes.length;
    this.#places.set(text, place);
    return place;
  }

  /** The number of a pattern in the syntax of https://docs.rs/regex/1/regex/#syntax. */
  pattern(source: string): number {
    const known = this.#patterns.indexOf(source);
    return known < 0 ? this.#patterns.push(source) - 1 : known;
  }

  bytes(): Uint8Array {
    const patterns = this.#patterns.flatMap((pattern) => this.text(pattern));
    const begins: number[] = [];
    let words = 0;
    for (const node of this.#nodes) {
      begins.push(words);
      words += node.length;
    }
    const head = [schemaMagic, schemaVersion, this.#nodes.length, words, this.#stringBytes, this.#patterns.length];
    const all = Uint32Array.from([...head, ...begins, words, ...patterns, ...this.#nodes.flat()]);
    const out = new Uint8Array(all.byteLength + Math.ceil(this.#stringBytes / 4) * 4);
    out.set(new Uint8Array(all.buffer));
    out.set(Buffer.concat(this.#strings), all.byteLength);
    return out;
  }
}

/** A number as its two words. */
export function doubleWords(value: number): [number, number] {
  const words = new Uint32Array(Float64Array.of(value).buffer);
  return [words[0] as number, words[1] as number];
}
