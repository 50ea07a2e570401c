/** What a `$ref` of a schema names: within the file, by pointer, anchor or $id. */
import { escapePointer, isObject, type Json } from './schema-json.js';

interface Place {
  readonly schema: Json;
  readonly pointer: string;
}

/** Where relative names start when the schema has no $id. */
const noName = 'penstock:schema';

export class References {
  readonly #byName = new Map<string, Place>();
  /** The base URI that holds at a pointer: of the innermost $id around it. */
  readonly #bases: { readonly pointer: string; readonly base: string }[] = [];

  constructor(readonly root: Json) {
    this.#byName.set(noName, { schema: root, pointer: '' });
    this.#bases.push({ pointer: '', base: noName });
    this.#walk(root, '', noName);
  }

  /** `at`: the pointer of the `$ref`. */
  find(reference: string, at: string): Place | undefined {
    const [name, fragment = ''] = split(reference);
    const base = this.#baseAt(at);
    const uri = name === '' ? base : resolve(name, base);
    if (fragment !== '' && !fragment.startsWith('/')) return this.#byName.get(`${uri}#${fragment}`);
    const document = this.#byName.get(uri);
    return document && follow(document, fragment);
  }

  #baseAt(pointer: string): string {
    const around = this.#bases.filter((each) => pointer === each.pointer || pointer.startsWith(`${each.pointer}/`));
    return around.reduce((a, b) => (b.pointer.length >= a.pointer.length ? b : a)).base;
  }

  #walk(value: Json, pointer: string, base: string): void {
    if (Array.isArray(value)) {
      for (const [i, element] of value.entries()) this.#walk(element, `${pointer}/${i}`, base);
      return;
    }
    if (!isObject(value)) return;
    let here = base;
    const place = { schema: value, pointer };
    if (typeof value.$id === 'string') {
      const [name, fragment = ''] = split(value.$id);
      if (name !== '') {
        here = resolve(name, base);
        this.#byName.set(here, place);
        this.#bases.push({ pointer, base: here });
      }
      if (fragment !== '') this.#byName.set(`${here}#${fragment}`, place); // an anchor of draft 07
    }
    if (typeof value.$anchor === 'string') this.#byName.set(`${here}#${value.$anchor}`, place);
    for (const [key, member] of Object.entries(value)) {
      if (key === 'enum' || key === 'const' || key === 'default' || key === 'examples') continue; // data, not schemas
      this.#walk(member, `${pointer}/${escapePointer(key)}`, here);
    }
  }
}

function follow(from: Place, pointer: string): Place | undefined {
  let schema: Json | undefined = from.schema;
  for (const step of pointer.split('/').slice(1)) {
    const key = decode(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(schema)) schema = schema[Number(key)] as Json | undefined;
    else schema = isObject(schema) && Object.hasOwn(schema, key) ? schema[key] : undefined;
    if (schema === undefined) return undefined;
  }
  return { schema, pointer: `${from.pointer}${decode(pointer)}` };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function split(uri: string): [name: string, fragment?: string] {
  const at = uri.indexOf('#');
  return at < 0 ? [uri] : [uri.slice(0, at), uri.slice(at + 1)];
}

function resolve(name: string, base: string): string {
  try {
    return new URL(name, base === noName ? 'file:///' : base).href;
  } catch {
    return name;
  }
}
