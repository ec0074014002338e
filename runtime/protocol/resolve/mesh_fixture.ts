/**
 * Small meshes for the tests of resolution, written as agents write themselves on the wire.
 *
 * @module
 */
import type * as z from "zod";
import {
  type Dependency,
  DependencySchema,
  type Tool,
  type ToolSchema,
  ToolSchema as Schema,
} from "../registration.ts";
import { type Candidate, candidatesOf, type Directory, type DirectoryAgent } from "./model.ts";

/** A tool as an agent sends it. */
export type ToolInput = z.input<typeof ToolSchema>;
/** A dependency as an agent sends it. */
export type DependencyInput = z.input<typeof DependencySchema>;

/** A parsed tool; the function name defaults to the capability. */
export function toolOf(input: ToolInput): Tool {
  return Schema.parse({ function_name: input.capability, ...input });
}

/** A parsed dependency on capability `c`, unless another is named. */
export function dependencyOf(input: DependencyInput): Dependency {
  return DependencySchema.parse({ capability: "c", ...input });
}

/** A healthy agent in namespace `default` at `http://<id>:9000`. */
export function agentOf(
  id: string,
  tools: readonly ToolInput[],
  facts: Partial<DirectoryAgent> = {},
): DirectoryAgent {
  return {
    id,
    name: id,
    namespace: "default",
    status: "healthy",
    endpoint: `http://${id}:9000`,
    tools: tools.map(toolOf),
    ...facts,
  };
}

/** A directory of these agents, in this order of registration. */
export function directoryOf(...agents: readonly DirectoryAgent[]): Directory {
  const candidates = agents.flatMap(candidatesOf);
  return {
    providers: (capability) => candidates.filter(({ tool }) => tool.capability === capability),
    tools: () => candidates,
  };
}

/** The tool of a function name. */
export function candidateOf(agent: DirectoryAgent, functionName: string): Candidate {
  const tool = agent.tools.find((known) => known.function_name === functionName);
  if (tool === undefined) throw new Error(`agent '${agent.id}' has no tool '${functionName}'`);
  return { agent, tool };
}
