/** Tables of a plan while it is compiled, and its bytes (native/src/packs/plan_rows.h is the form). */
import { planSections } from '../../native/formats.js';

export const none = 0xffffffff;
const magic = 0x314b5050;
const version = 5;

export type Row = readonly number[];

export class PlanWriter {
  readonly #sections = new Map<string, number[][]>(planSections().map(([name]) => [name, []]));
  readonly #strings = new Map<string, number>();
  readonly #fields = new Map<string, number>();
  readonly #blocks = new Map<string, number>();

  /** Adds a row; answers its place. */
  add(section: string, row: Row): number {
    return this.#rows(section).push([...row]) - 1;
  }

  /** Adds rows that stand together: [place of the first, count]. */
  addAll(section: string, rows: readonly Row[]): [first: number, count: number] {
    const table = this.#rows(section);
    const first = table.length;
    for (const row of rows) table.push([...row]);
    return [first, rows.length];
  }

  /** For a row whose values are known later. */
  set(section: string, row: number, column: number, value: number): void {
    (this.#rows(section)[row] as number[])[column] = value;
  }

  size(section: string): number {
    return this.#rows(section).length;
  }

  string(text: string): number {
    let place = this.#strings.get(text);
    if (place === undefined) {
      place = this.#strings.size;
      this.#strings.set(text, place);
    }
    return place;
  }

  field(name: string): number {
    let place = this.#fields.get(name);
    if (place === undefined) {
      place = this.add('fields', [this.string(name)]);
      this.#fields.set(name, place);
    }
    return place;
  }

  strings(texts: readonly string[]): [first: number, count: number] {
    return this.addAll(
      'lists',
      texts.map((text) => [this.string(text)]),
    );
  }

  /** A block with its options; the same block again is the same row, and shares what it remembers. */
  block(kind: string, params: readonly string[]): number {
    const key = [kind, ...params].join('\0');
    let place = this.#blocks.get(key);
    if (place === undefined) {
      place = this.add('blocks', [this.string(kind), ...this.strings(params)]);
      this.#blocks.set(key, place);
    }
    return place;
  }

  table(entries: Iterable<readonly [text: string, value: number]>): number {
    return this.add(
      'tables',
      this.addAll(
        'entries',
        [...entries].map(([text, value]) => [this.string(text), value]),
      ),
    );
  }

  bytes(): Uint8Array {
    const texts = [...this.#strings.keys()].map((text) => Buffer.from(text));
    let poolBytes = 0;
    for (const text of texts) {
      this.add('strings', [poolBytes, text.length]);
      poolBytes += text.length;
    }
    const sections = planSections();
    const words: number[] = [magic, version, sections.length, 0, poolBytes];
    let at = words.length + 3 * sections.length;
    for (const [name, width] of sections) {
      const rows = this.#rows(name);
      words.push(at, rows.length, width);
      at += rows.length * width;
    }
    words[3] = at * 4;
    for (const [name, width] of sections) {
      for (const row of this.#rows(name)) {
        if (row.length !== width) throw new Error(`a row of ${name} has ${row.length} words, not ${width}`);
        words.push(...row);
      }
    }
    return Buffer.concat([Buffer.from(Uint32Array.from(words).buffer), ...texts]);
  }

  #rows(section: string): number[][] {
    const rows = this.#sections.get(section);
    if (!rows) throw new Error(`a plan has no section ${section}`);
    return rows;
  }
}
