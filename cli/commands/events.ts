/**
 * `meshctl events`: what happened in a mesh, and what happens.
 *
 * @module
 */
import type { Event } from "../../runtime/protocol/listing.ts";
import { findAgent } from "../mesh/agent_reference.ts";
import { defineCommand } from "../app/command.ts";
import type { OptionTable } from "../app/option.ts";
import type { Context } from "../app/context.ts";
import { type EventFilter, EVENTS_MAX, followEvents, listEvents } from "../mesh/event_feed.ts";
import { eventLines } from "../view/event_text.ts";
import { EXIT, type ExitCode, usageError } from "../base/exit.ts";
import { inNamespace, NAMESPACE_OPTION } from "../mesh/namespace.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";
import { jsonLine } from "../output/json.ts";
import { REGISTRY_OPTIONS } from "../mesh/registry_address.ts";
import { openRegistry, type RegistryClient } from "../mesh/registry_client.ts";
import { SUMMARIES } from "../app/summaries.ts";

const TYPES = [
  "register",
  "unregister",
  "unhealthy",
  "update",
  "rotate",
  "dependency_resolved",
  "dependency_unresolved",
];

const OPTIONS = {
  follow: { type: "boolean", short: "f", help: "Keep printing what happens" },
  type: { type: "string", value: "TYPE", help: `Only one type: ${TYPES.join(", ")}` },
  agent: { type: "string", value: "AGENT", help: "Only one agent's; the name may be shortened" },
  limit: {
    type: "number",
    short: "n",
    value: "EVENTS",
    default: 50,
    help: `Only the newest, 0 to ${EVENTS_MAX}`,
  },
  json: { type: "boolean", help: "Print JSON, one object a line" },
  timeout: { type: "number", value: "SECONDS", default: 30, help: "Limit of a request" },
  ...NAMESPACE_OPTION,
  ...REGISTRY_OPTIONS,
} as const satisfies OptionTable;

/** `meshctl events`. */
export const eventsCommand = defineCommand({
  name: "events",
  summary: SUMMARIES.events,
  usage: "",
  details: "The newest event is the last. With -f it goes on until Ctrl+C, over restarts of the\n" +
    "registry.",
  positionals: { min: 0, max: 0 },
  options: OPTIONS,
  examples: [
    { line: "events", note: "The last 50" },
    { line: "events -f --type unhealthy", note: "Tell me when an agent falls silent" },
    { line: "events --agent flight --json", note: "One agent's history, for a script" },
  ],
  run: async (outer, { options }) => {
    const context = inNamespace(outer, options);
    const { limit, type } = options;
    if (!Number.isInteger(limit) || limit > EVENTS_MAX) {
      throw usageError(`--limit is ${limit}, and a registry tells 0 to ${EVENTS_MAX} events`);
    }
    const client = await openRegistry(options, context);
    const agentId = await idOf(options.agent, client);
    const filter: EventFilter = { type, agentId };
    const { stdout } = context;
    const print = (event: Event) => {
      if (options.json) return stdout.write(jsonLine(event));
      stdout.lines(eventLines(event, stdout.palette, stdout.columns));
    };
    if (options.follow) return await follow(client, filter, limit, print, context);
    const events = await listEvents(client, filter, limit);
    for (const event of events.toReversed()) print(event);
    if (events.length === 0) context.stderr.write(nothingFound(type));
    return EXIT.ok;
  },
});

async function idOf(
  reference: string | undefined,
  client: RegistryClient,
): Promise<string | undefined> {
  if (reference === undefined) return undefined;
  return findAgent(reference, (await client.listAgents()).agents, "agent").id;
}

async function follow(
  client: RegistryClient,
  filter: EventFilter,
  past: number,
  print: (event: Event) => void,
  context: Context,
): Promise<ExitCode> {
  const interrupted = new AbortController();
  using _listening = context.onInterrupt(() => interrupted.abort());
  const events = followEvents({
    client,
    filter,
    past,
    context,
    signal: interrupted.signal,
    notice: (line) => context.stderr.lines([line]),
  });
  for await (const event of events) print(event);
  return EXIT.ok;
}

function nothingFound(type: string | undefined): string {
  const near = type === undefined || TYPES.includes(type) ? undefined : didYouMean(type, TYPES);
  return `No events found\n${near === undefined ? "" : `${near}\n`}`;
}
