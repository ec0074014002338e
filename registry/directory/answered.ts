/**
 * What an agent was last told about its wiring: kept so that a beat can say whether anything
 * differs now, over a restart too, and so that listings can show it.
 *
 * @module
 */
import type { HeartbeatResponse } from "../../runtime/protocol/registration.ts";
import type { Candidate } from "../../runtime/protocol/resolve/model.ts";
import type { Wiring } from "../../runtime/protocol/resolve/resolve.ts";
import { digestOf } from "./record.ts";

/** The part of a heartbeat's answer that wiring decides. */
export type WiringResponse = Pick<
  HeartbeatResponse,
  "dependencies_resolved" | "llm_tools" | "llm_providers"
>;

/** One tool an answer led to. */
export interface AnsweredTool {
  readonly agent: string;
  readonly function: string;
  readonly capability: string;
  readonly endpoint: string;
}

/** An answer given, compact enough to store. */
export interface Answered {
  /** Equal for two answers exactly when the agent would read the same in both. */
  readonly digest: string;
  /** Per function name, by position; `null` where nothing matched. */
  readonly dependencies: Readonly<Record<string, readonly (AnsweredTool | null)[]>>;
  /** Per function name, the tools its language model was offered. */
  readonly llmTools: Readonly<Record<string, readonly AnsweredTool[]>>;
  /** Per function name, the provider of its language model. */
  readonly llmProviders: Readonly<Record<string, AnsweredTool>>;
}

/** The answer that a wiring and its wire form amount to. */
export function answeredFrom(wiring: Wiring, response: WiringResponse): Answered {
  return {
    digest: digestOf(response),
    dependencies: mapValues(
      wiring.dependencies,
      (matches) => matches.map(({ chosen }) => chosen === undefined ? null : answeredTool(chosen)),
    ),
    llmTools: mapValues(wiring.llmTools, (tools) => tools.map(answeredTool)),
    // Functions without a provider have no entry.
    llmProviders: mapValues(wiring.llmProviders, ([first]) => answeredTool(first!)),
  };
}

function answeredTool({ agent, tool }: Candidate): AnsweredTool {
  return {
    agent: agent.id,
    function: tool.function_name,
    capability: tool.capability,
    endpoint: agent.endpoint,
  };
}

function mapValues<In, Out>(map: ReadonlyMap<string, In>, render: (value: In) => Out) {
  return Object.fromEntries([...map].map(([key, value]) => [key, render(value)]));
}
