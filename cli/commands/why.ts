/**
 * `meshctl why`: why a dependency of an agent is resolved or not, in plain sentences.
 *
 * @module
 */
import type { AgentInfo } from "../../runtime/protocol/listing.ts";
import { evictionSentence } from "../../registry/view/why_eviction.ts";
import { findAgent } from "../mesh/agent_reference.ts";
import { defineCommand } from "../app/command.ts";
import { EXIT } from "../base/exit.ts";
import { chooseDependencies, explain, type ExplainedDependency } from "../view/explanation.ts";
import { inNamespace, NAMESPACE_OPTION } from "../mesh/namespace.ts";
import type { Palette } from "../output/colour.ts";
import { outputForm } from "../output/format.ts";
import { jsonText } from "../output/json.ts";
import { blocks } from "../output/output.ts";
import { REGISTRY_OPTIONS } from "../mesh/registry_address.ts";
import { openRegistry } from "../mesh/registry_client.ts";
import { SUMMARIES } from "../app/summaries.ts";

/** `meshctl why <agent> [dependency]`. */
export const whyCommand = defineCommand({
  name: "why",
  summary: SUMMARIES.why,
  usage: "<agent> [dependency]",
  details:
    "The dependency is a capability the agent depends on, or the beginning of one; without\n" +
    "it, all are explained. How the choice went earlier: `audit`.",
  positionals: { min: 1, max: 2 },
  completes: ["agents"],
  options: {
    function: { type: "string", value: "FUNCTION", help: "Only the dependencies of one function" },
    output: {
      type: "string",
      short: "o",
      value: "text|wide|json",
      help: "Form of the output; wide has every candidate that was turned away",
    },
    json: { type: "boolean", help: "The same as -o json" },
    timeout: { type: "number", value: "SECONDS", default: 30, help: "Limit of a request" },
    ...NAMESPACE_OPTION,
    ...REGISTRY_OPTIONS,
  },
  examples: [
    { line: "why poi-agent weather_forecast", note: "One dependency" },
    { line: "why poi", note: "Every dependency of an agent" },
  ],
  run: async (outer, { options, positionals: [reference = "", dependency] }) => {
    const context = inNamespace(outer, options);
    const form = outputForm(options.output, ["text", "wide", "json"], options.json);
    const client = await openRegistry(options, context);
    const { agents } = await client.listAgents();
    const agent = findAgent(reference, agents, "agent");
    const chosen = chooseDependencies(agent, dependency, options.function);
    const explained = await Promise.all(
      chosen.map((each) => explain(client, agent, each, agents)),
    );
    if (form === "json") {
      context.stdout.write(jsonText({ agent_id: agent.id, dependencies: explained }));
    } else context.stdout.lines(lines(agent, explained, form === "wide", context.stdout.palette));
    return EXIT.ok;
  },
});

function lines(
  agent: AgentInfo,
  explained: ExplainedDependency[],
  wide: boolean,
  palette: Palette,
): string[] {
  if (explained.length === 0) return [`${agent.id} has no dependencies`];
  return blocks(explained.map(({ function_name, capability, resolved, sentences, fix, stages }) => {
    const evicted = wide ? stages.flatMap((stage) => stage.evicted) : [];
    const state = resolved
      ? palette.paint("green", "resolved")
      : palette.paint("red", "unresolved");
    return [
      `${palette.paint("bold", capability)} of ${agent.name}:${function_name} is ${state}`,
      ...sentences.map((sentence) => `  ${sentence}`),
      ...(evicted.length === 0 ? [] : ["  Turned away:"]),
      ...evicted.map((eviction) => `    ${evictionSentence(eviction)}`),
      ...(fix === undefined ? [] : [`  ${palette.paint("bold", "Fix:")} ${fix}`]),
    ];
  }));
}
