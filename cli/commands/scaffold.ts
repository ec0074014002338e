/**
 * `meshctl scaffold`: new agents, and new parts of agents.
 *
 * @module
 */
import type { Command } from "../app/command.ts";
import { defineCommandGroup } from "../app/command_group.ts";
import type { Context } from "../app/context.ts";
import { type ExitCode, usageError } from "../base/exit.ts";
import { AGENT_KINDS, type AgentKind } from "../scaffold/agent_plan.ts";
import { askForAgent } from "../scaffold/wizard.ts";
import { addCommand } from "./scaffold/add.ts";
import { apiCommand } from "./scaffold/api.ts";
import { scaffoldConfig } from "./scaffold/config_file.ts";
import { llmAgentCommand } from "./scaffold/llm_agent.ts";
import { llmProviderCommand } from "./scaffold/llm_provider.ts";
import { observabilityCommand } from "./scaffold/observability.ts";
import { projectCommand } from "./scaffold/project.ts";
import { toolCommand } from "./scaffold/tool.ts";
import { SUMMARIES } from "../app/summaries.ts";

const BY_KIND: Record<AgentKind, Command> = {
  tool: toolCommand,
  "llm-agent": llmAgentCommand,
  "llm-provider": llmProviderCommand,
  api: apiCommand,
};

/** Words of the reference for kinds that have another name here. */
const OTHER_WORDS: Record<string, AgentKind> = { basic: "tool", llm: "llm-agent" };

const group = defineCommandGroup({
  name: "scaffold",
  summary: SUMMARIES.scaffold,
  details:
    "An agent is a folder: main.ts, its test, and what else it needs. It type-checks, passes\n" +
    "`deno lint` and its test, and starts. deno.json is written once, where the agents of a\n" +
    "project are; a link beside it leads to the runtime of this meshctl. Nothing is overwritten without\n" +
    "--force. Without a word, on a terminal, it asks what to write; `scaffold --config FILE`\n" +
    "writes the agent that a YAML file describes (`man scaffold` has its keys).",
  commands: [...Object.values(BY_KIND), projectCommand, observabilityCommand, addCommand],
});

/** `meshctl scaffold <tool|llm-agent|llm-provider|api|project|observability|add>`. */
export const scaffoldCommand: Command = {
  ...group,
  execute: async (context, args) => {
    const [word, ...rest] = args;
    if (word === "--help" || word === "-h") return await group.execute(context, args);
    if (word !== undefined && Object.hasOwn(OTHER_WORDS, word)) {
      return await group.execute(context, [OTHER_WORDS[word] ?? word, ...rest]);
    }
    if (word !== undefined && !word.startsWith("-")) return await group.execute(context, args);
    return await withoutWord(context, args);
  },
};

/** As scripts for the reference write it: the kind, if any, is an option. */
async function withoutWord(context: Context, args: string[]): Promise<ExitCode> {
  const others = args.filter((arg) => arg !== "--observability");
  if (others.length < args.length) return await observabilityCommand.execute(context, others);
  if (takeOption(args, "template-dir").isGiven) {
    throw usageError(
      "--template-dir is not understood: templates of the reference are in the language of Go",
      "Scaffold an agent, and edit it: it is one module and its test.",
    );
  }
  const { isGiven, value: file, rest: besides } = takeOption(args, "config");
  if (isGiven) {
    if (!file) throw usageError("--config needs a file", "Write it as --config agent.yaml.");
    return await scaffoldConfig(file, besides, BY_KIND, context);
  }
  const { kind, rest } = takeAgentType(args);
  if (kind === undefined && args.length === 0) {
    if (!context.isInteractive) {
      throw usageError(
        "scaffold does not know what to write, and there is no terminal to ask on",
        `Name it, such as \`${context.program} scaffold tool --name greeter\`.`,
      );
    }
    const answers = await askForAgent(context);
    return await BY_KIND[answers.kind].execute(context, answers.args);
  }
  return await BY_KIND[kind ?? "tool"].execute(context, rest);
}

function takeAgentType(args: string[]): { kind: AgentKind | undefined; rest: string[] } {
  const { isGiven, value = "", rest } = takeOption(args, "agent-type");
  const kind = AGENT_KINDS.find((known) => known === value);
  if (isGiven && kind === undefined) {
    throw usageError(`--agent-type is "${value}"`, `Write one of ${AGENT_KINDS.join(", ")}.`);
  }
  return { kind, rest };
}

/** An option with a value, and the arguments without it. */
function takeOption(
  args: string[],
  name: string,
): { isGiven: boolean; value?: string | undefined; rest: string[] } {
  const at = args.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  const option = args[at];
  if (option === undefined) return { isGiven: false, rest: args };
  const inline = option.includes("=");
  const value = inline ? option.slice(option.indexOf("=") + 1) : args[at + 1];
  return { isGiven: true, value, rest: args.toSpliced(at, inline ? 1 : 2) };
}
