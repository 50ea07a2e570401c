/** Schemas that apply themselves to the same value ({"$ref": "#"}) would be checked without end. */

/** Where nodes stand that do. `applied`: of a node, those that it applies to the same value. */
export function endlessNodes(
  applied: ReadonlyMap<number, readonly number[]>,
  pointers: ReadonlyMap<number, string>,
): string[] {
  const state = new Map<number, 'open' | 'done'>();
  const found = new Set<string>();
  const visit = (node: number): void => {
    state.set(node, 'open');
    for (const next of applied.get(node) ?? []) {
      if (state.get(next) === 'open') found.add(pointers.get(next) ?? '');
      else if (!state.has(next)) visit(next);
    }
    state.set(node, 'done');
  };
  for (const node of applied.keys()) if (!state.has(node)) visit(node);
  return [...found];
}
