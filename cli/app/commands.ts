/**
 * Every command of `meshctl`, loaded when it is used: listing agents must not wait for a registry
 * to be loaded.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { COMMAND_NAMES, type SUMMARIES } from "./summaries.ts";

/** Commands by what is typed; programs type those that begin with `__`. */
const COMMANDS: Record<keyof typeof SUMMARIES | `__${string}`, () => Promise<Command>> = {
  start: async () => (await import("../commands/start.ts")).startCommand,
  stop: async () => (await import("../commands/stop.ts")).stopCommand,
  list: async () => (await import("../commands/list.ts")).listCommand,
  status: async () => (await import("../commands/status.ts")).statusCommand,
  call: async () => (await import("../commands/call.ts")).callCommand,
  shell: async () => (await import("../commands/shell.ts")).shellCommand,
  mcp: async () => (await import("../commands/mcp.ts")).mcpCommand,
  scaffold: async () => (await import("../commands/scaffold.ts")).scaffoldCommand,
  logs: async () => (await import("../commands/logs.ts")).logsCommand,
  trace: async () => (await import("../commands/trace.ts")).traceCommand,
  doctor: async () => (await import("../commands/doctor.ts")).doctorCommand,
  why: async () => (await import("../commands/why.ts")).whyCommand,
  audit: async () => (await import("../commands/audit.ts")).auditCommand,
  events: async () => (await import("../commands/events.ts")).eventsCommand,
  top: async () => (await import("../commands/top.ts")).topCommand,
  permissions: async () => (await import("../commands/permissions.ts")).permissionsCommand,
  schema: async () => (await import("../commands/schema.ts")).schemaCommand,
  registry: async () => (await import("../commands/registry.ts")).registryCommand,
  config: async () => (await import("../commands/config.ts")).configCommand,
  __supervise: async () => (await import("../commands/supervise.ts")).superviseCommand,
  man: async () => (await import("../commands/man.ts")).manCommand,
  completion: async () => (await import("../commands/completion.ts")).completionCommand,
  __complete: async () => (await import("../commands/complete.ts")).completeCommand,
  __registry: async () => (await import("../commands/registry_process.ts")).registryProcessCommand,
};

/** The command of a name, or `undefined` when there is none. */
export async function loadCommand(name: string): Promise<Command | undefined> {
  const load = new Map(Object.entries(COMMANDS)).get(name);
  return await load?.();
}

/** Every command that a user may type, whole. */
export async function loadCommands(): Promise<Command[]> {
  const commands = await Promise.all(COMMAND_NAMES.map(({ name }) => loadCommand(name)));
  return commands.filter((command) => command !== undefined);
}
