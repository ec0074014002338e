/**
 * `meshctl shell`: call tools line by line.
 *
 * @module
 */
import type { AgentInfo } from "../../runtime/protocol/listing.ts";
import { presentAgents } from "../mesh/agent_reference.ts";
import { defineCommand } from "../app/command.ts";
import { loadCommand } from "../app/commands.ts";
import { NAMESPACE_OPTION } from "../mesh/namespace.ts";
import { inNamespace } from "../mesh/namespace.ts";
import { REGISTRY_OPTIONS } from "../mesh/registry_address.ts";
import { openRegistry } from "../mesh/registry_client.ts";
import { completeLine } from "../shell/completion.ts";
import { openHistory } from "../shell/history.ts";
import { streamLines, terminalLines } from "../shell/line_reader.ts";
import { meshSource } from "../shell/mesh_source.ts";
import { Interruption, runShell } from "../shell/session.ts";
import { meshHome } from "../machine/home.ts";
import { SUMMARIES } from "../app/summaries.ts";

/** `meshctl shell`. */
export const shellCommand = defineCommand({
  name: "shell",
  summary: SUMMARIES.shell,
  usage: "",
  details:
    "Lines are calls, written as for `call` and shown with their value alone; `help` shows\n" +
    "what else there is. Without a terminal, lines are read from standard input until it ends;\n" +
    "the exit code is that of the first line that failed.",
  positionals: { min: 0, max: 0 },
  options: {
    timeout: { type: "number", value: "SECONDS", default: 30, help: "Limit of each call" },
    ...NAMESPACE_OPTION,
    ...REGISTRY_OPTIONS,
  },
  examples: [
    { line: "shell", note: "Then: list, describe get_weather, get_weather location=Tokyo …" },
  ],
  run: async (context, { options }) => {
    const { timeout, ...rest } = options;
    const common = Object.entries({ ...rest, timeout })
      .flatMap(([name, value]) => value === undefined ? [] : [`--${name}=${value}`]);
    const interruption = new Interruption();
    if (!context.isInteractive) {
      using reader = streamLines(context.stdin());
      return await runShell({ reader, common, context, interruption, onLine: async () => {} });
    }
    const client = await openRegistry(options, inNamespace(context, options));
    const { agents } = await client.listAgents();
    context.stderr.write(greeting(agents, client.url));
    const call = await loadCommand("call");
    const source = meshSource(client, Object.keys(call?.options ?? {}).map((name) => `--${name}`), {
      ...inNamespace(context, options),
    });
    const history = await openHistory(meshHome(context.config.home).shellHistory);
    using reader = terminalLines({
      prompt: "mesh> ",
      history: history.lines,
      complete: (line) => completeLine(line, source),
      interrupt: () => interruption.interrupt(),
    });
    return await runShell({ reader, common, context, interruption, onLine: history.add });
  },
});

/** What a shell says first: how many agents are there to be called, of those the registry knows. */
export function greeting(agents: AgentInfo[], registry: string): string {
  const { length } = presentAgents(agents);
  const count = length === 1 ? "1 agent" : `${length} agents`;
  return `${count} at ${registry}; help shows what to write.\n`;
}
