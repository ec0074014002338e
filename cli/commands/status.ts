/**
 * `meshctl status`: everything about one agent, or about every healthy one.
 *
 * @module
 */
import { agentBlock } from "../agent_block.ts";
import { findAgent, healthyAgents } from "../agent_reference.ts";
import { defineCommand } from "../command.ts";
import { EXIT } from "../exit.ts";
import { agentJson } from "../listing_json.ts";
import { inNamespace, NAMESPACE_OPTION } from "../namespace.ts";
import { jsonText } from "../output/json.ts";
import { REGISTRY_OPTIONS } from "../registry_address.ts";
import { openRegistry } from "../registry_client.ts";
import { meshHome } from "../supervisor/home.ts";
import { runningAgents } from "../supervisor/records.ts";

const SEPARATOR = "=".repeat(80);

/** `meshctl status [agent]`. */
export const statusCommand = defineCommand({
  name: "status",
  summary: "Show the details of agents",
  usage: "[agent]",
  details: "The agent is a name, an id or the beginning of one. Only healthy agents are shown;\n" +
    "`list --all` shows the others.",
  positionals: { min: 0, max: 1 },
  options: {
    json: { type: "boolean", help: "Print JSON: an array, or one object for a named agent" },
    timeout: { type: "number", value: "SECONDS", default: 10, help: "Limit of a request" },
    ...NAMESPACE_OPTION,
    ...REGISTRY_OPTIONS,
  },
  examples: [
    { line: "status", note: "Every healthy agent" },
    { line: "status flight", note: "The agent whose name begins with flight" },
  ],
  run: async (outer, { options, positionals: [reference] }) => {
    const context = inNamespace(outer, options.namespace);
    const client = await openRegistry(options, context);
    const [{ agents }, local] = await Promise.all([
      client.listAgents(),
      runningAgents(meshHome(context.config.home)),
    ]);
    const healthy = healthyAgents(agents);
    const shown = reference === undefined ? healthy : [findAgent(reference, healthy)];
    const processOf = (id: string) => local.find(({ record }) => record.agent_id === id);
    if (options.json) {
      const documents = shown.map((agent) => agentJson(agent, processOf(agent.id)));
      const document = reference === undefined ? documents : documents[0];
      context.stdout.write(jsonText(document));
      return EXIT.ok;
    }
    const blocks = shown.map((agent) =>
      agentBlock(agent, {
        palette: context.stdout.palette,
        now: context.now(),
        deno: new Set(local.flatMap(({ record }) => record.agent_id ?? [])),
        local: processOf(agent.id),
      }).join("\n")
    );
    const count = shown.length === 0
      ? "No healthy agents found"
      : `${shown.length} healthy agent(s)\n`;
    const head = reference === undefined ? [count] : [];
    context.stdout.write(
      `${[...head, blocks.join(`\n\n${SEPARATOR}\n\n`)].join("\n").trimEnd()}\n`,
    );
    return EXIT.ok;
  },
});
