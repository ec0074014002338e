/**
 * The toolbox of a call: tools of other agents that its handler may call, or have a language model
 * call. A consumer's are those its model is offered; a provider's are those its caller hands over.
 *
 * @module
 */
import type { Target } from "./dependency.ts";
import type { LlmTool } from "../protocol/registration.ts";
import { takenNames } from "./taken_names.ts";

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
    options?: {
      readonly signal?: AbortSignal;
      readonly timeoutMs?: number;
      /**
       * Whether arguments and answer are what `parseExact` reads, so that JSON written of them has all
       * digits of their numbers.
       */
      readonly exact?: boolean;
    },
  ): Promise<unknown>;
}

/** The toolbox of a call, by the names of its tools. */
export type Toolbox = ReadonlyMap<string, ToolboxTool>;

/**
 * The tools that the registry says a model is offered; those of one name are told apart by agent, and
 * those that would be alike in the letters that vendors take by what they are called.
 */
export function offeredTools(offered: readonly LlmTool[]): LentTool[] {
  const count = new Map<string, number>();
  for (const { name } of offered) count.set(name, (count.get(name) ?? 0) + 1);
  const names = takenNames(
    offered.map(({ name, agent_name: agent = "" }) =>
      count.get(name) === 1 || agent === "" ? name : `${agent}__${name}`
    ),
  );
  return offered.map((tool, at) => {
    return {
      name: names[at] ?? tool.name,
      description: tool.description,
      inputSchema: tool.inputSchema,
      target: {
        // A registry of the reference tells no ids.
        agentId: tool.agent_id ?? tool.endpoint,
        tool: tool.name,
        endpoint: tool.endpoint,
        ...(tool.runtime === undefined ? {} : { runtime: tool.runtime }),
      },
      agent: tool.agent_name ?? "",
    };
  });
}
