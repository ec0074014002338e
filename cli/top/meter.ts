/**
 * Measures the agents of a mesh again and again.
 *
 * @module
 */
import { boundedText } from "../../runtime/base/bounded_body.ts";
import type { AgentInfo } from "../../runtime/protocol/listing.ts";
import { presentAgents } from "../mesh/agent_reference.ts";
import type { RegistryClient } from "../mesh/registry_client.ts";
import { type AgentCounts, agentCounts, type AgentLoad, agentLoad } from "./agent_load.ts";
import { readExposition } from "./exposition_reader.ts";

/** One agent at one moment. */
export interface AgentMeasure {
  agent: AgentInfo;
  /** `undefined` when it could not be measured. */
  counts: AgentCounts | undefined;
  /** Since the measure before; `undefined` for the first one. */
  load: AgentLoad | undefined;
  /** Why it could not be measured. */
  trouble: string | undefined;
}

/** What {@linkcode createMeter} needs. */
export interface MeterOptions {
  client: RegistryClient;
  fetch: typeof fetch;
  /** Milliseconds, of a clock that only goes forward. */
  clock(): number;
  /** Limit of a request, seconds. */
  timeout: number;
}

/** What an agent tells is never read beyond this, in characters. */
const LONGEST_ANSWER = 4_000_000;

/**
 * A meter; each call of it measures all agents that are there, the busiest first.
 *
 * @returns A function that throws a {@linkcode CliError} when the registry does not answer.
 */
export function createMeter(options: MeterOptions): () => Promise<AgentMeasure[]> {
  let before = new Map<string, { counts: AgentCounts; at: number }>();
  return async () => {
    const { agents } = await options.client.listAgents();
    const known = before;
    const now = new Map<string, { counts: AgentCounts; at: number }>();
    const measures = await Promise.all(
      presentAgents(agents).map(async (agent) => {
        const read = await readCounts(agent, options);
        if ("trouble" in read) return { agent, counts: undefined, load: undefined, ...read };
        const at = options.clock();
        const { counts } = read;
        now.set(agent.id, { counts, at });
        const last = known.get(agent.id);
        const load = last === undefined || at <= last.at
          ? undefined
          : agentLoad(last.counts, counts, (at - last.at) / 1_000);
        return { agent, counts, load, trouble: undefined };
      }),
    );
    before = now;
    return measures.toSorted((a, b) =>
      (b.load?.rate ?? -1) - (a.load?.rate ?? -1) || (a.agent.id < b.agent.id ? -1 : 1)
    );
  };
}

async function readCounts(
  { endpoint }: AgentInfo,
  { fetch, timeout }: MeterOptions,
): Promise<{ counts: AgentCounts } | { trouble: string }> {
  try {
    const response = await fetch(`${endpoint.replace(/\/+$/, "")}/metrics`, {
      headers: { accept: "text/plain" },
      signal: AbortSignal.timeout(timeout * 1_000),
    });
    const text = await boundedText(response, LONGEST_ANSWER);
    if (!response.ok) return { trouble: "tells no metrics" };
    return { counts: agentCounts(readExposition(text)) };
  } catch (error) {
    return { trouble: error instanceof RangeError ? "tells too much" : "does not answer" };
  }
}
