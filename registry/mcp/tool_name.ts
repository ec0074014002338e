/**
 * What the tools of a mesh are called by those who see the mesh as one server. Pure.
 *
 * A tool keeps its name while nobody else has it. Where several agents offer the same name, each is
 * called `<agent>__<tool>`; where these agents share their name too (in different namespaces),
 * `<namespace>__<agent>__<tool>`. Names of agents and namespaces have no underscore, so the parts can
 * be told apart, and letters, digits, `_`, `-` and `.` are what MCP allows (server/tools, tool names).
 *
 * @module
 */
import { createHash } from "node:crypto";

/** Whose tool it is. */
export interface ToolOwner {
  readonly namespace: string;
  readonly agent: string;
  /** As the agent calls it. */
  readonly functionName: string;
}

/** Stands between the parts of a qualified name. */
export const SEPARATOR = "__";

/** The name of each tool, in the order given; all different as long as the owners are. */
export function toolNames(owners: readonly ToolOwner[]): string[] {
  const tools = owners.map((owner) => ({ owner, level: 0, name: nameAt(owner, 0) }));
  const byName = new Map<string, typeof tools>();
  let placed = tools;
  while (placed.length > 0) {
    const crowded = new Set<string>();
    for (const tool of placed) {
      const sharing = byName.get(tool.name);
      if (sharing === undefined) byName.set(tool.name, [tool]);
      else if (sharing.push(tool) > 1) crowded.add(tool.name);
    }
    // Where a short name equals a qualified one, the short one gives way.
    placed = [...crowded].flatMap((name) => {
      const sharing = byName.get(name) ?? [];
      const lowest = sharing.reduce((level, tool) => Math.min(level, tool.level), Infinity);
      byName.set(name, sharing.filter(({ level }) => level !== lowest));
      return sharing.filter(({ level }) => level === lowest);
    });
    for (const tool of placed) {
      tool.level += 1;
      tool.name = nameAt(tool.owner, tool.level);
    }
  }
  return tools.map(({ name }) => name);
}

/** Parts of a qualified name; `undefined` for one that is not. */
export function nameParts(name: string): { agent: string; tool: string } | undefined {
  const at = name.indexOf(SEPARATOR);
  if (at <= 0) return undefined;
  return { agent: name.slice(0, at), tool: name.slice(at + SEPARATOR.length) };
}

/**
 * A function's name in the letters MCP allows. One that has others is told from its like by a digest.
 */
export function allowedName(functionName: string): string {
  if (/^[\w.-]+$/.test(functionName)) return functionName;
  const digest = createHash("sha256").update(functionName).digest("hex").slice(0, 8);
  return `${functionName.replaceAll(/[^\w.-]/g, "_")}_${digest}`;
}

function nameAt({ namespace, agent, functionName }: ToolOwner, level: number): string {
  const parts = [namespace, agent, allowedName(functionName)];
  return parts.slice(Math.max(0, parts.length - 1 - level)).join(SEPARATOR);
}
