/**
 * What resolution works on: a read-only view of the mesh. The registry's snapshot and the testing
 * kit's in-memory mesh both present it, so both resolve with the same code.
 *
 * @module
 */
import type { Tool } from "../registration.ts";

/** How an agent is known to be. `unknown` is legal in the reference's data and counts as not healthy. */
export type AgentStatus = "healthy" | "unhealthy" | "unknown";

/** An agent as resolution sees it. */
export interface DirectoryAgent {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly status: AgentStatus;
  /** `http://host:port`, `https://…`, or `stdio://<id>` when the agent has no HTTP endpoint. */
  readonly endpoint: string;
  /** What it runs on, if it said. */
  readonly runtime?: string;
  /**
   * Whether consumers recently failed to reach it: among candidates of one rank it comes last.
   *
   * @default false
   */
  readonly suspect?: boolean;
  /** In declared order. An entry without a capability only has dependencies: nobody is wired to it. */
  readonly tools: readonly Tool[];
}

/** One tool of one agent: what a dependency may resolve to. */
export interface Candidate {
  readonly agent: DirectoryAgent;
  readonly tool: Tool;
}

/** The tools of an agent that others may be wired to, in declared order. */
export function candidatesOf(agent: DirectoryAgent): Candidate[] {
  return agent.tools.flatMap((tool) => tool.capability === "" ? [] : [{ agent, tool }]);
}

/** The mesh, as resolution sees it. */
export interface Directory {
  /** Every tool that offers `capability`, agents in order of first registration, tools as declared. */
  providers(capability: string): readonly Candidate[];
  /** Every tool of the mesh that offers something, in the same order. */
  tools(): Iterable<Candidate>;
}
