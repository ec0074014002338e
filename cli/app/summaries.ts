/**
 * What the commands do, in a line each: the help lists them, and the shells complete them, without
 * loading what runs them.
 *
 * @module
 */

/** By the name of the command, in the order of the help. */
export const SUMMARIES = {
  start: "Start agents, and a registry when there is none",
  stop: "Stop agents and the registry",
  list: "List agents, tools, services and schemas",
  status: "Show the details of agents",
  call: "Call a tool and print its result",
  shell: "Call tools line by line, with completion and history",
  mcp: "Serve the tools of a mesh to an MCP client that starts this command",
  scaffold: "Write a new agent that runs, or a new part of one",
  logs: "Print the logs of agents or of the registry",
  trace: "Show the call tree of a request",
  doctor: "Check what a mesh needs, and tell what puts it right",
  why: "Tell why a dependency is resolved or not, and what would help",
  audit: "Show how the dependencies of an agent were resolved",
  events: "Show what happened to whom, and what happens",
  top: "Show how busy agents are: calls, errors, latency, calls in flight",
  permissions: "Show what agents may touch and what they were refused",
  schema: "Compare the schemas of tools",
  registry: "Administer a registry: hold back its jobs, let them go on",
  config: "Show the settings in effect, and where each comes from",
  man: "Read how things are done, topic by topic",
  completion: "Print what a shell needs to complete meshctl",
} as const;

/** A command a user may type, and what it does. */
export interface CommandName {
  name: string;
  /** One line. */
  summary: string;
}

/** Every command a user may type, in the order of the help. */
export const COMMAND_NAMES: readonly CommandName[] = Object.entries(SUMMARIES)
  .map(([name, summary]) => ({ name, summary }));
