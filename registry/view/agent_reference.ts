/**
 * Which agent, and which of its dependencies, a person means. Pure.
 *
 * @module
 */
import type { Entry } from "../directory/entry.ts";
import type { DeclaredDependency } from "./why.ts";

/** What was found, or why nothing was. */
export type Found<Thing> = { readonly found: Thing } | { readonly fault: string };

/** Names a fault lists at most. */
const LISTED = 10;

/**
 * The agent with this id, or else the name, or else the only name or id that begins so. Of several
 * replicas a healthy one.
 */
export function referredAgent(entries: readonly Entry[], reference: string): Found<Entry> {
  const exact = entries.filter(({ id }) => id === reference);
  const named = entries.filter(({ name }) => name === reference);
  const begun = entries.filter(({ id, name }) =>
    id.startsWith(reference) || name.startsWith(reference)
  );
  const meant = [exact, named, begun].find((list) => list.length > 0) ?? [];
  const names = [...new Set(meant.map(({ name }) => name))];
  const [first] = meant;
  if (first === undefined) {
    return { fault: `no agent has the id or name ${JSON.stringify(reference)}, or begins so` };
  }
  if (names.length > 1) {
    return {
      fault: `${JSON.stringify(reference)} may mean ${listed(names)}; give more of the name`,
    };
  }
  return { found: meant.find(({ status }) => status === "healthy") ?? first };
}

/**
 * The dependencies of an agent on a capability, or else on the only one that begins so.
 *
 * @param functionName Only those of this function.
 */
export function referredDependencies(
  agent: Entry,
  capability: string,
  functionName: string | undefined,
): Found<DeclaredDependency[]> {
  const all = agent.tools.filter((tool) =>
    functionName === undefined || tool.function_name === functionName
  ).flatMap((tool) => tool.dependencies.map((dependency) => ({ tool, dependency })));
  const exact = all.filter(({ dependency }) => dependency.capability === capability);
  const begun = all.filter(({ dependency }) => dependency.capability.startsWith(capability));
  const meant = exact.length > 0 ? exact : begun;
  const names = [...new Set(meant.map(({ dependency }) => dependency.capability))];
  if (names.length === 1) return { found: meant };
  if (names.length > 1) {
    return {
      fault: `${JSON.stringify(capability)} may mean ${listed(names)}; give more of the name`,
    };
  }
  const known = [...new Set(all.map(({ dependency }) => dependency.capability))];
  const who = functionName === undefined ? agent.id : `${functionName} of ${agent.id}`;
  const has = known.length === 0 ? "it has no dependencies" : `it depends on ${listed(known)}`;
  return { fault: `${who} does not depend on ${JSON.stringify(capability)}; ${has}` };
}

function listed(names: readonly string[]): string {
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return names.slice(0, LISTED).join(", ") + more;
}
