/**
 * `meshctl scaffold tool`: an agent with a tool.
 *
 * @module
 */
import type { Command } from "../../app/command.ts";
import { checkedToolName, type PlannedTool } from "../../scaffold/agent_plan.ts";
import { agentCommand, TAG_OPTIONS } from "./agent_command.ts";
import { basePlan, tagList } from "./options.ts";

const OPTIONS = {
  "tool-name": { type: "string", value: "NAME", help: "Its tool and capability (default hello)" },
  "tool-description": { type: "string", value: "TEXT", help: "What the tool does" },
  ...TAG_OPTIONS,
} as const;

/** What a file may say of an agent with tools, and options do not. */
export interface ToolExtras {
  /** Capabilities that the first tool depends on. */
  dependencies: string[];
  /** Tools after the first. */
  further: PlannedTool[];
}

/** `meshctl scaffold tool`, of an agent that has more than options say. */
export function toolCommandWith({ dependencies, further }: ToolExtras): Command {
  return agentCommand({
    kind: "tool",
    summary: "An agent with a tool, and its test",
    usage: "--name NAME",
    options: OPTIONS,
    examples: [
      { line: "scaffold tool --name greeter", note: "greeter/main.ts with the tool hello" },
      {
        line: "scaffold tool -n flight-agent --tool-name flight_search --tags flights -p 9101",
        note: "With a tool, a tag and a port of its own",
      },
      { line: "scaffold tool --name greeter --dry-run", note: "What that would write, as a patch" },
    ],
    plan: (options) => {
      const tool = {
        name: checkedToolName(options["tool-name"] ?? "hello"),
        description: options["tool-description"] ?? "Greet somebody by name",
        tags: options.tags.length === 0 ? ["tools"] : tagList(options.tags),
        dependencies,
      };
      return {
        ...basePlan(options),
        kind: "tool",
        description: options.description ?? `Offers ${tool.name}`,
        tools: [tool, ...further],
      };
    },
  });
}

/** `meshctl scaffold tool`. */
export const toolCommand = toolCommandWith({ dependencies: [], further: [] });
