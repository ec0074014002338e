/**
 * Which agent a user means by a name, an id or the beginning of one.
 *
 * @module
 */
import { inLine, visibleLine } from "../../runtime/base/visible.ts";
import type { AgentInfo } from "../../runtime/protocol/listing.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";

/**
 * The one agent that `reference` names: an exact name or id, else a prefix of one in any case. Of
 * several candidates the only healthy one wins.
 *
 * @param agents Candidates, sorted by id.
 * @param kind What a candidate is, for the error.
 * @throws {CliError} exit 3 when none fits, exit 2 when several do.
 */
export function findAgent(
  reference: string,
  agents: AgentInfo[],
  kind: "agent" | "healthy agent" = "healthy agent",
): AgentInfo {
  const exact = agents.filter(({ name, id }) => name === reference || id === reference);
  const matches = exact.length > 0 ? exact : agents.filter((agent) => hasPrefix(agent, reference));
  const healthy = matches.filter((agent) => agent.status === "healthy");
  if (healthy.length > 1) throw ambiguousAgent(reference, healthy);
  const match = healthy[0] ?? matches[0];
  if (match !== undefined) return match;
  const hint = didYouMean(reference, agents.map(({ name }) => name)) ??
    (agents.length === 0
      ? "No agent is registered."
      : `There are ${[...new Set(agents.map(({ name }) => name))].join(", ")}.`);
  throw new CliError(EXIT.notFound, inLine`no ${kind} matches "${reference}"`, {
    hint: visibleLine(hint),
  });
}

function hasPrefix({ name, id }: AgentInfo, reference: string): boolean {
  const prefix = reference.toLowerCase();
  return name.toLowerCase().startsWith(prefix) || id.toLowerCase().startsWith(prefix);
}

function ambiguousAgent(reference: string, matches: AgentInfo[]): CliError {
  const lines = matches.map(({ name, id, status }) => inLine`\n  ${name}  ${id}  ${status}`);
  return new CliError(
    EXIT.usage,
    inLine`multiple agents match "${reference}":` + lines.join(""),
    { hint: "Please specify a more precise name or the full id." },
  );
}

/** The agents that are there: the healthy ones, and those that say themselves what ails them. */
export function presentAgents(agents: AgentInfo[]): AgentInfo[] {
  return agents.filter(({ status, health }) => status === "healthy" || health !== undefined);
}

/** The agents that are healthy. */
export function healthyAgents(agents: AgentInfo[]): AgentInfo[] {
  return agents.filter((agent) => agent.status === "healthy");
}
