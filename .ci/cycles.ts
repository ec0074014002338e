/**
 * Cycles among modules. Only what is needed at run time counts: types may refer to each other.
 *
 * @module
 */

/** What each module imports, by the module's name. */
export type ModuleGraph = ReadonlyMap<string, readonly string[]>;

/**
 * The cycles of a graph, each as its modules in order of import; none when it is free of them.
 * Every module that is part of a cycle is in at least one of those returned.
 */
export function cycles(graph: ModuleGraph): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (module: string) => {
    const start = path.indexOf(module);
    if (start !== -1) {
      found.push(path.slice(start));
      return;
    }
    if (done.has(module)) return;
    path.push(module);
    for (const imported of graph.get(module) ?? []) visit(imported);
    path.pop();
    done.add(module);
  };
  for (const module of graph.keys()) visit(module);
  return found;
}
