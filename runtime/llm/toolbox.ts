/**
 * The toolbox of a call: tools of other agents that its handler may call, or have a language model
 * call. A consumer's are those its model is offered; a provider's are those its caller hands over.
 *
 * @module
 */
import type { Target } from "../dependency.ts";
import type { LlmTool } from "../protocol/registration.ts";

/** One tool, with where it is. */
export interface LentTool {
  /** Unique in its toolbox, and of the letters that vendors allow. */
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly target: Target;
  /** The name of its agent, as far as it is known. */
  readonly agent: string;
}

/** A tool of the toolbox as a handler sees it. */
export interface ToolboxTool extends Omit<LentTool, "target"> {
  /** Where it is. */
  readonly target: Target;
  /**
   * Calls it.
   *
   * @throws {MeshError} As a dependency.
   */
  call(
    args: Record<string, unknown>,
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<unknown>;
}

/** The toolbox of a call, by the names of its tools. */
export type Toolbox = ReadonlyMap<string, ToolboxTool>;

/** Most letters of a name that every vendor takes. */
const LONGEST_NAME = 64;

/** The tools that the registry says a model is offered; those of one name are told apart by agent. */
export function offeredTools(offered: readonly LlmTool[]): LentTool[] {
  const count = new Map<string, number>();
  for (const { name } of offered) count.set(name, (count.get(name) ?? 0) + 1);
  return offered.map((tool) => {
    const agent = tool.agent_name ?? "";
    const name = count.get(tool.name) === 1 || agent === "" ? tool.name : `${agent}__${tool.name}`;
    return {
      name: vendorName(name),
      description: tool.description,
      inputSchema: tool.inputSchema,
      target: {
        // A registry of the reference tells no ids.
        agentId: tool.agent_id ?? tool.endpoint,
        tool: tool.name,
        endpoint: tool.endpoint,
        ...(tool.runtime === undefined ? {} : { runtime: tool.runtime }),
      },
      agent,
    };
  });
}

/** Vendors take letters, digits, `_` and `-`. */
function vendorName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, LONGEST_NAME);
}
