/**
 * The tools a namespace offers to whoever sees the mesh as one server, by name. Pure.
 *
 * Offered is what can be called now: tools of healthy agents whose required dependencies are met. The
 * framework's own helpers, tools without an input schema, gateways (type `api`) and agents without an
 * HTTP endpoint are left out. Replicas of one agent name are one tool.
 *
 * @module
 */
import { isObject } from "../../runtime/base/json.ts";
import type { Tool } from "../../runtime/protocol/registration.ts";
import type { Entry } from "../directory/entry.ts";
import type { Snapshot } from "../directory/snapshot.ts";
import { allowedName, nameParts, SEPARATOR, toolNames, type ToolOwner } from "./tool_name.ts";

/** One tool as offered. */
export interface OfferedTool extends ToolOwner {
  /** As it is called here. */
  readonly name: string;
  /** As its first provider registered it. */
  readonly tool: Tool;
  /** The agents that can be called, in order of first registration; at least one. */
  readonly providers: readonly Entry[];
}

/** Framework helpers of the reference's agents begin so. */
const HELPER = "__mesh_";

/** The tools of a namespace, in order of their names. */
export class Catalog {
  readonly tools: readonly OfferedTool[];
  readonly #byName: ReadonlyMap<string, OfferedTool>;
  /** By the name before it is qualified. */
  readonly #byBareName: ReadonlyMap<string, readonly OfferedTool[]>;

  /** @param namespace Only agents of this one; `undefined` for all. */
  constructor(snapshot: Snapshot, namespace: string | undefined) {
    const owned = ownedTools(snapshot, namespace);
    const names = toolNames(owned);
    const tools = owned.map((tool, index): OfferedTool => ({ ...tool, name: names[index] ?? "" }));
    this.tools = tools.sort((a, b) => a.name < b.name ? -1 : 1);
    this.#byName = new Map(tools.map((tool) => [tool.name, tool]));
    this.#byBareName = Map.groupBy(tools, ({ functionName }) => allowedName(functionName));
  }

  /**
   * The tool of a name. `<agent>__<tool>` always means that agent's, also while the tool's own name
   * is enough: who learnt the long one keeps it.
   */
  find(name: string): OfferedTool | undefined {
    const exact = this.#byName.get(name);
    if (exact !== undefined) return exact;
    const parts = nameParts(name);
    if (parts === undefined) return undefined;
    const meant = this.#byBareName.get(parts.tool)?.filter(({ agent }) => agent === parts.agent);
    return meant?.length === 1 ? meant[0] : undefined;
  }

  /** The tools that lost this name because they share it. */
  sharing(name: string): readonly OfferedTool[] {
    return this.#byBareName.get(name)?.filter((tool) => tool.name.endsWith(SEPARATOR + name)) ?? [];
  }
}

interface OwnedTool extends ToolOwner {
  readonly tool: Tool;
  readonly providers: Entry[];
}

function ownedTools(snapshot: Snapshot, namespace: string | undefined): OwnedTool[] {
  const owned = new Map<string, OwnedTool>();
  const pass = snapshot.pass();
  for (const entry of snapshot.entries()) {
    if (!isCallable(entry) || (namespace !== undefined && entry.namespace !== namespace)) continue;
    for (const candidate of entry.candidates) {
      const { tool } = candidate;
      if (!isForClients(tool) || !pass.usable(candidate)) continue;
      const { name: agent, namespace } = entry;
      const { function_name: functionName } = tool;
      const key = `${namespace}/${agent}/${functionName}`;
      const known = owned.get(key);
      if (known === undefined) {
        owned.set(key, { namespace, agent, functionName, tool, providers: [entry] });
      } else if (known.providers.at(-1) !== entry) known.providers.push(entry);
    }
  }
  return [...owned.values()];
}

function isCallable({ status, record, endpoint }: Entry): boolean {
  return status === "healthy" && record.agentType !== "api" && endpoint.startsWith("http");
}

/** Whether a client can call a tool: its arguments are an object, in which it has to name them. */
function isForClients({ function_name, inputSchema }: Tool): boolean {
  if (function_name.startsWith(HELPER) || !isObject(inputSchema)) return false;
  return [inputSchema["type"] ?? "object"].flat().includes("object");
}
