/**
 * The toolbox of a call: tools of other agents that its handler may call, or have a language model
 * call. A consumer's are those its model is offered; a provider's are those its caller hands over.
 *
 * @module
 */
import * as z from "zod";
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

/** A tool as a consumer hands it to a provider (OpenAI's shape, with where it is). */
const HandedSchema = z.looseObject({
  function: z.looseObject({
    name: z.string(),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
  _mesh_endpoint: z.url({ protocol: /^https?$/ }),
  /** The tool's own name, when the model knows it under another. Our addition. */
  _mesh_name: z.string().optional(),
});

const RequestSchema = z.looseObject({
  request: z.looseObject({ tools: z.array(z.unknown()).nullish() }),
});

/** The tools that the arguments of a call to a provider hand over; what cannot be reached is left out. */
export function handedTools(args: Record<string, unknown>): LentTool[] {
  const tools = RequestSchema.safeParse(args).data?.request.tools ?? [];
  return tools.flatMap((tool) => {
    const handed = HandedSchema.safeParse(tool).data;
    if (handed === undefined) return [];
    const { function: { name, description, parameters }, _mesh_endpoint: endpoint } = handed;
    return [{
      name,
      description: description ?? "",
      inputSchema: parameters ?? {},
      target: { agentId: endpoint, tool: handed._mesh_name ?? name, endpoint },
      agent: "",
    }];
  });
}
