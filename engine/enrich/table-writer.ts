/** A list of keys and what is told of each → the bytes of native/src/enrich/lookup_table.h, in memory that all threads read. */
import { indexTable, tableSections } from '../../native/enrich.js';
import { paddingBytes } from '../../native/pipeline.js';
import { Growing } from './growing.js';
import { flatten, type Network } from './networks.js';

export const KeyKind = { ip: 0, domain: 1, hash: 2, url: 3, user: 4, host: 5, mac: 6 } as const;
export type KeyKindName = keyof typeof KeyKind;

const none = 0xffffffff;
const magic = 0x314b4c50;
const version = 1;
const belowFlag = 1;

/** Column → text. */
export type Cells = Readonly<Record<string, string>>;

export class TableWriter {
  readonly #strings = new Map<string, number>();
  readonly #stringRows = new Growing(2);
  readonly #columns = new Map<string, number>();
  readonly #rows = new Growing(2);
  readonly #rowPlaces = new Map<string, number>();
  readonly #cells = new Growing(2);
  readonly #entries = new Growing(6);
  readonly #pool = new Growing(1, Uint8Array);
  readonly #v4: Network[] = [];
  readonly #v6: Network[] = [];
  readonly #networkEntries = new Map<string, number>();

  get size(): number {
    return this.#entries.count;
  }

  /** What is told of a key; equal ones are one. `alone`: there is hardly another like it, and none is looked for. */
  row(cells: Cells, alone = false): number {
    const name = alone ? '' : Object.entries(cells).flat().join('\0');
    const known = alone ? undefined : this.#rowPlaces.get(name);
    if (known !== undefined) return known;
    const first = this.#cells.count;
    for (const column in cells)
      if (cells[column] !== '') this.#cells.add(this.#column(column), this.#string(cells[column] as string));
    if (!alone) this.#rowPlaces.set(name, this.#rows.count);
    return this.#rows.add(first, this.#cells.count - first);
  }

  /** `key` in the form that keys have (keys.ts). `below`: a domain that stands for those below it, too. */
  add(kind: KeyKindName, key: Uint8Array, row: number, below = false): void {
    const at = this.#pool.append(key);
    this.#entries.add(KeyKind[kind], below ? belowFlag : 0, at, key.length, row, none);
  }

  /** A network of more than one address. */
  addNetwork(network: Omit<Network, 'entry'>, row: number): void {
    const entry = this.#entries.add(KeyKind.ip, 0, 0, 0, row, none);
    const name = `${network.v6 ? 6 : 4} ${network.first}/${network.bits}`;
    const known = this.#networkEntries.get(name);
    if (known === undefined) (network.v6 ? this.#v6 : this.#v4).push({ ...network, entry });
    else this.#entries.set(known, 5, entry); // the same network once more: behind the one before
    this.#networkEntries.set(name, entry);
  }

  /** @throws when native code refuses it: a defect */
  bytes(): Uint8Array {
    const v4 = new Growing(2);
    for (const { start, entry } of flatten(this.#v4, 32)) v4.add(Number(start), entry ?? none);
    const v6 = new Growing(5);
    for (const { start, entry } of flatten(this.#v6, 128))
      v6.add(...[96n, 64n, 32n, 0n].map((shift) => Number((start >> shift) & 0xffffffffn)), entry ?? none);
    const columns = new Growing(1);
    for (const name of this.#columns.keys()) columns.add(this.#string(name));
    const slots = powerOfTwo(this.size * 2 + 2);
    const tables: Readonly<Record<string, { words: Uint32Array; rows: number }>> = {
      strings: this.#stringRows.done(),
      columns: columns.done(),
      rows: this.#rows.done(),
      cells: this.#cells.done(),
      entries: this.#entries.done(),
      v4: v4.done(),
      v6: v6.done(),
      slots: { words: new Uint32Array(0), rows: slots },
      bloom: { words: new Uint32Array(0), rows: powerOfTwo(this.size / 4 + 1) },
    };
    return layOut(tables, this.#pool.bytes());
  }

  #column(name: string): number {
    let place = this.#columns.get(name);
    if (place === undefined) {
      place = this.#columns.size;
      this.#columns.set(name, place);
    }
    return place;
  }

  #string(text: string): number {
    let place = this.#strings.get(text);
    if (place === undefined) {
      const bytes = Buffer.from(text);
      place = this.#stringRows.add(this.#pool.append(bytes), bytes.length);
      this.#strings.set(text, place);
    }
    return place;
  }
}

function layOut(tables: Readonly<Record<string, { words: Uint32Array; rows: number }>>, pool: Uint8Array): Uint8Array {
  const sections = tableSections();
  const headerWords = 4 + 3 * sections.length;
  const places = new Map<string, number>();
  let words = headerWords;
  for (const [name, width] of sections) {
    places.set(name, words);
    words += (tables[name]?.rows ?? 0) * width;
  }
  const size = words * 4 + pool.length;
  const bytes = new Uint8Array(new SharedArrayBuffer(size + paddingBytes), 0, size);
  const all = new Uint32Array(bytes.buffer, 0, words);
  all.set([magic, version, words * 4, pool.length]);
  sections.forEach(([name, width], i) => {
    const place = places.get(name) as number;
    const table = tables[name];
    all.set([place, table?.rows ?? 0, width], 4 + 3 * i);
    all.set(table?.words ?? [], place);
  });
  bytes.set(pool, words * 4);
  const problem = indexTable(bytes);
  if (problem !== '') throw new Error(problem);
  return bytes;
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, least)));
}
