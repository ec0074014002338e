/**
 * Which agents a changed file concerns. Pure.
 *
 * @module
 */
import { dirname, join, sep } from "node:path";

/** What an agent is made of. */
export interface AgentParts {
  /** Absolute path of its module. */
  readonly file: string;
  /** The modules it is made of, itself among them. */
  readonly modules: ReadonlySet<string>;
  /** The prompt files it says it uses. */
  readonly prompts: ReadonlySet<string>;
  /** What runs, if anything, is not what its files say. */
  readonly isBehind: boolean;
}

/** The folder of an agent's prompts. */
export function promptFolder({ file }: Pick<AgentParts, "file">): string {
  return join(dirname(file), "prompts");
}

/**
 * Those of the agents that some changed files concern. A file among an agent's prompts of which
 * nobody says that it uses it may be anybody's: it is read at run time, or was not there before. Of
 * an agent that is behind it is not known what it uses by now.
 */
export function concerned<T extends AgentParts>(paths: string[], agents: readonly T[]): T[] {
  return agents.filter((agent) => paths.some((path) => concerns(path, agent, agents)));
}

function concerns(path: string, agent: AgentParts, agents: readonly AgentParts[]): boolean {
  if (agent.modules.has(path) || agent.prompts.has(path)) return true;
  if (!path.startsWith(promptFolder(agent) + sep)) return false;
  return agent.isBehind || !agents.some(({ prompts }) => prompts.has(path));
}
