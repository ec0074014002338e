/**
 * `meshctl status`: everything about one agent, or about every one that is there.
 *
 * @module
 */
import { agentBlock } from "../view/agent_block.ts";
import { findAgent, healthyAgents, presentAgents } from "../mesh/agent_reference.ts";
import { defineCommand } from "../app/command.ts";
import { EXIT } from "../base/exit.ts";
import { agentJson } from "../view/listing_json.ts";
import { inNamespace, NAMESPACE_OPTION } from "../mesh/namespace.ts";
import { outputForm } from "../output/format.ts";
import { jsonText } from "../output/json.ts";
import { blocks } from "../output/output.ts";
import { REGISTRY_OPTIONS } from "../mesh/registry_address.ts";
import { openRegistry } from "../mesh/registry_client.ts";
import { meshHome } from "../machine/home.ts";
import { runningAgents } from "../machine/records.ts";
import { SUMMARIES } from "../app/summaries.ts";

/** Cells of the line between two agents, where there are so many. */
const SEPARATOR = 80;

/** `meshctl status [agent]`. */
export const statusCommand = defineCommand({
  name: "status",
  summary: SUMMARIES.status,
  usage: "[agent]",
  details: "The agent is a name, an id or the beginning of one. Only agents that are there are\n" +
    "shown, healthy or with what they say ails them; `list --all` shows the others.",
  positionals: { min: 0, max: 1 },
  completes: ["agents"],
  options: {
    output: {
      type: "string",
      short: "o",
      value: "table|wide|name|json",
      help: "Form of the output; name is one name a line, wide shortens nothing",
    },
    json: { type: "boolean", help: "Print JSON: an array, or one object for a named agent" },
    verbose: { type: "boolean", hidden: true, help: "All details are shown anyway" },
    timeout: { type: "number", value: "SECONDS", default: 10, help: "Limit of a request" },
    ...NAMESPACE_OPTION,
    ...REGISTRY_OPTIONS,
  },
  examples: [
    { line: "status", note: "Every agent that is there" },
    { line: "status flight", note: "The agent whose name begins with flight" },
  ],
  run: async (outer, { options, positionals: [reference] }) => {
    const context = inNamespace(outer, options);
    const form = outputForm(options.output, ["table", "wide", "name", "json"], options.json);
    const client = await openRegistry(options, context);
    const [{ agents }, local] = await Promise.all([
      client.listAgents(),
      runningAgents(meshHome(context.config.home)),
    ]);
    const present = presentAgents(agents);
    const shown = reference === undefined ? present : [findAgent(reference, present)];
    const processOf = (id: string) => local.find(({ record }) => record.agent_id === id);
    if (form === "name") {
      context.stdout.lines(shown.map(({ name }) => name));
      return EXIT.ok;
    }
    if (form === "json") {
      const documents = shown.map((agent) => agentJson(agent, processOf(agent.id)));
      const document = reference === undefined ? documents : documents[0];
      context.stdout.write(jsonText(document));
      return EXIT.ok;
    }
    const columns = form === "wide" ? undefined : context.stdout.columns;
    const separator = "=".repeat(Math.min(SEPARATOR, columns ?? Infinity));
    const details = shown.map((agent) =>
      agentBlock(agent, {
        palette: context.stdout.palette,
        columns,
        now: context.now(),
        deno: new Set(local.flatMap(({ record }) => record.agent_id ?? [])),
        local: processOf(agent.id),
      })
    );
    const healthy = healthyAgents(shown).length;
    const unhealthy = shown.length - healthy;
    const count = shown.length === 0
      ? "No healthy agents found"
      : `${healthy} healthy agent(s)${unhealthy === 0 ? "" : `, ${unhealthy} unhealthy`}`;
    const head = reference === undefined ? [[count]] : [];
    context.stdout.lines(blocks([...head, blocks(details, ["", separator, ""])]));
    return EXIT.ok;
  },
});
