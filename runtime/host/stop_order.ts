/**
 * The order in which members of a mesh stop together: consumers before their providers, so that a call
 * under way still reaches what it depends on.
 *
 * @module
 */

/** A member that is to stop. */
export interface Stopping {
  /** Its id in the mesh; `undefined` while it has none. */
  readonly id: string | undefined;
  /** Ids of the agents that its dependencies lead to. */
  readonly wiredTo: ReadonlySet<string>;
}

/**
 * Splits members into groups to be stopped one after the other. Nobody in a later group depends on an
 * earlier one, except within a circle, whose members stop together with what depends on it no more.
 */
export function stopOrder<T extends Stopping>(members: readonly T[]): T[][] {
  const groups: T[][] = [];
  let left = [...members];
  while (left.length > 0) {
    const needed = new Set(
      left.flatMap(({ id, wiredTo }) => [...wiredTo].filter((to) => to !== id)),
    );
    const free = left.filter(({ id }) => id === undefined || !needed.has(id));
    const group = free.length > 0 ? free : left;
    groups.push(group);
    left = left.filter((member) => !group.includes(member));
  }
  return groups;
}
