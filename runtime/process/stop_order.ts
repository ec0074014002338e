/**
 * The order in which members of a mesh stop together: consumers before their providers, so that a call
 * under way still reaches what it depends on.
 *
 * @module
 */

/** A member that is to stop. */
export interface Stopping {
  /** Its ids in the mesh: of a process, those of all its agents; none before it has joined. */
  readonly ids: readonly string[];
  /** Ids of the agents that its dependencies lead to. */
  readonly wiredTo: ReadonlySet<string>;
}

/**
 * Splits members into groups to be stopped one after the other. Nobody in a later group depends on an
 * earlier one, except within a circle, whose members stop together.
 */
export function stopOrder<T extends Stopping>(members: readonly T[]): T[][] {
  const groups: T[][] = [];
  let left = [...members];
  while (left.length > 0) {
    const needed = new Set(
      left.flatMap(({ ids, wiredTo }) => [...wiredTo].filter((to) => !ids.includes(to))),
    );
    const free = left.filter(({ ids }) => !ids.some((id) => needed.has(id)));
    const group = free.length > 0 ? free : left;
    groups.push(group);
    left = left.filter((member) => !group.includes(member));
  }
  return groups;
}
