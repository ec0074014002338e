/**
 * `meshctl scaffold tool`: an agent with a tool.
 *
 * @module
 */
import { defineCommand, type OptionTable } from "../../command.ts";
import { checkedToolName } from "../../scaffold/agent_plan.ts";
import { AGENT_OPTIONS, basePlan, scaffoldAgent, tagList } from "./options.ts";

const OPTIONS = {
  ...AGENT_OPTIONS,
  "tool-name": { type: "string", value: "NAME", help: "Its tool and capability (default hello)" },
  "tool-description": { type: "string", value: "TEXT", help: "What the tool does" },
  tags: { type: "list", value: "TAG[,TAG]", help: "What consumers select the tool by" },
} as const satisfies OptionTable;

/** `meshctl scaffold tool`. */
export const toolCommand = defineCommand({
  name: "scaffold tool",
  summary: "An agent with a tool, and its test",
  usage: "--name NAME",
  positionals: { min: 0, max: 0 },
  options: OPTIONS,
  examples: [
    { line: "scaffold tool --name greeter", note: "greeter/main.ts with the tool hello" },
    {
      line: "scaffold tool -n flight-agent --tool-name flight_search --tags flights -p 9101",
      note: "With a tool, a tag and a port of its own",
    },
    { line: "scaffold tool --name greeter --dry-run", note: "What that would write, as a patch" },
  ],
  run: async (context, { options }) => {
    const base = basePlan(options);
    const tool = checkedToolName(options["tool-name"] ?? "hello");
    return await scaffoldAgent(
      {
        ...base,
        kind: "tool",
        description: options.description ?? `Offers ${tool}`,
        tool,
        toolDescription: options["tool-description"] ?? "Greet somebody by name",
        tags: options.tags.length === 0 ? ["tools"] : tagList(options.tags),
      },
      options,
      context,
    );
  },
});
