/** YAML as plain values, whatever its aliases lead to. */
import type { Document } from 'yaml';

/** Aliases that are resolved to more than this many times their nodes are a bomb (yaml's own measure). */
const aliasCountMax = 100;

/** The document's value; a text: why it has none. For documents without errors. */
export function plainYaml(document: Document): { readonly value: unknown } | string {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: aliasCountMax });
  } catch (error) {
    return (error as Error).message; // of an alias that leads to nothing, or to too much
  }
  return leadsIntoItself(value) ? 'an alias leads into the node that it stands in' : { value };
}

function leadsIntoItself(root: unknown): boolean {
  const done = new Set<unknown>();
  const within = new Set<unknown>();
  const visit = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null || done.has(value)) return false;
    if (within.has(value)) return true;
    within.add(value);
    const found = Object.values(value).some(visit);
    within.delete(value);
    done.add(value);
    return found;
  };
  return visit(root);
}
