/**
 * `meshctl audit`: how the registry resolved the dependencies of an agent, choice by choice.
 *
 * @module
 */
import { findAgent } from "../mesh/agent_reference.ts";
import { type DependencyChoice, listAudits } from "../mesh/audit_events.ts";
import { auditJson, auditTable, auditTree } from "../view/audit_view.ts";
import { defineCommand } from "../app/command.ts";
import type { OptionTable } from "../app/option.ts";
import { EVENTS_MAX } from "../mesh/event_feed.ts";
import { EXIT, usageError } from "../base/exit.ts";
import { inNamespace, NAMESPACE_OPTION } from "../mesh/namespace.ts";
import { jsonText } from "../output/json.ts";
import { blocks } from "../output/output.ts";
import { REGISTRY_OPTIONS } from "../mesh/registry_address.ts";
import { openRegistry } from "../mesh/registry_client.ts";
import { SUMMARIES } from "../app/summaries.ts";

const OPTIONS = {
  explain: { type: "boolean", help: "Show stage by stage who was kept and who fell out, and why" },
  dep: {
    type: "string",
    value: "DEPENDENCY",
    help: "Only one: its capability, or its position from 0 within its function",
  },
  function: { type: "string", value: "FUNCTION", help: "Only the dependencies of one function" },
  limit: { type: "number", value: "N", default: 20, help: `Only the newest, 1 to ${EVENTS_MAX}` },
  "include-unresolved": {
    type: "boolean",
    default: true,
    help: "Leave out resolutions that led nowhere",
  },
  json: { type: "boolean", help: "Print JSON" },
  timeout: { type: "number", value: "SECONDS", default: 30, help: "Limit of a request" },
  ...NAMESPACE_OPTION,
  ...REGISTRY_OPTIONS,
} as const satisfies OptionTable;

/** `meshctl audit <agent>`. */
export const auditCommand = defineCommand({
  name: "audit",
  summary: SUMMARIES.audit,
  usage: "<agent>",
  details:
    "The newest is the first. CANDIDATES is how many there were and how many were left for\n" +
    "the last choice. A registry records a resolution when there was something to choose, and\n" +
    "when the outcome changed; `why` tells how a dependency stands now.",
  positionals: { min: 1, max: 1 },
  completes: ["agents"],
  options: OPTIONS,
  examples: [
    { line: "audit poi-agent", note: "Its last 20 resolutions" },
    {
      line: "audit poi-agent --dep weather_forecast --explain --limit 1",
      note: "Who fell out at which stage, the last time one dependency was resolved",
    },
  ],
  run: async (outer, { options, positionals: [reference = ""] }) => {
    const context = inNamespace(outer, options);
    const limit = readLimit(options.limit);
    const dependency = readDependency(options.dep);
    const client = await openRegistry(options, context);
    const agent = findAgent(reference, (await client.listAgents()).agents, "agent");
    const audits = await listAudits(client, {
      agentId: agent.id,
      functionName: options.function,
      dependency,
      unresolved: options["include-unresolved"],
      limit,
    });
    const { palette } = context.stdout;
    if (options.json) {
      context.stdout.write(jsonText(auditJson(audits)));
    } else if (audits.length === 0) {
      context.stdout.write(
        `No resolution of ${agent.id} was recorded: there was nothing to choose between, and\n` +
          `nothing changed. How its dependencies stand: ${context.program} why ${agent.name}\n`,
      );
    } else {
      const lines = options.explain
        ? blocks(audits.map((audit) => auditTree(audit, palette)))
        : auditTable(audits, context.stdout);
      context.stdout.lines(lines);
    }
    return EXIT.ok;
  },
});

function readLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= EVENTS_MAX) return limit;
  throw usageError(`--limit is ${limit}, and a registry tells 1 to ${EVENTS_MAX} events`);
}

/** A position or a capability; -1 means any, as other tools write it. */
function readDependency(text: string | undefined): DependencyChoice | undefined {
  if (text === undefined || text === "-1") return undefined;
  return /^\d+$/.test(text) ? Number(text) : text;
}
