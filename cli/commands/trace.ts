/**
 * `meshctl trace`: the call tree of a request, and which there were.
 *
 * @module
 */
import type { CompletedTrace } from "../../runtime/protocol/trace_view.ts";
import { parseDuration } from "../../registry/base/duration.ts";
import { defineCommand } from "../app/command.ts";
import type { OptionTable, OptionValues } from "../app/option.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, type ExitCode, usageError } from "../base/exit.ts";
import { inNamespace, NAMESPACE_OPTION } from "../mesh/namespace.ts";
import { jsonLine, jsonText } from "../output/json.ts";
import { REGISTRY_OPTIONS } from "../mesh/registry_address.ts";
import { openRegistry, type RegistryClient } from "../mesh/registry_client.ts";
import { followTraces } from "../trace/trace_feed.ts";
import {
  awaitTrace,
  listTraces,
  readTrace,
  settledTrace,
  type TraceFilter,
} from "../trace/trace_source.ts";
import { traceTable } from "../trace/trace_table.ts";
import { traceLines } from "../trace/trace_text.ts";
import { SUMMARIES } from "../app/summaries.ts";

/** Most traces that are listed. */
const LIST_MAX = 1_000;

const OPTIONS = {
  last: { type: "boolean", help: "The latest trace, of those that fit" },
  follow: { type: "boolean", short: "f", help: "Show each trace as it ends, until Ctrl+C" },
  json: { type: "boolean", help: "Print JSON: a document; with -f an object a line" },
  "show-internal": { type: "boolean", help: "Show the callers' side of calls and models' turns" },
  agent: { type: "string", value: "AGENT", help: "Only traces this agent took part in" },
  operation: { type: "string", value: "NAME", help: "Only traces in which this tool or route ran" },
  error: { type: "boolean", help: "Only traces in which something failed" },
  "min-duration": {
    type: "string",
    value: "TIME",
    help: "Only traces that took so long: 250ms, 2s",
  },
  limit: {
    type: "number",
    short: "n",
    value: "TRACES",
    default: 20,
    help: `With ls: the newest, 1 to ${LIST_MAX}`,
  },
  retries: { type: "number", value: "N", default: 3, help: "Ask again for what is not there yet" },
  "retry-delay": { type: "number", value: "SECONDS", default: 2, help: "Time between two times" },
  timeout: { type: "number", value: "SECONDS", default: 30, help: "Limit of a request" },
  ...NAMESPACE_OPTION,
  ...REGISTRY_OPTIONS,
} as const satisfies OptionTable;
type Options = OptionValues<typeof OPTIONS>;

/** `meshctl trace <id>`. */
export const traceCommand = defineCommand({
  name: "trace",
  summary: SUMMARIES.trace,
  usage: "<id | ls>",
  details: "Shows one trace by its id, of which the beginning is enough, or the latest with\n" +
    "--last. `ls` lists those the registry keeps. ✗ stands behind what failed, with its reason\n" +
    "below; ∥ behind what ran at the same time as its neighbours.",
  positionals: { min: 0, max: 1 },
  completes: ["traces"],
  options: OPTIONS,
  examples: [
    { line: "trace --last", note: "What just happened" },
    { line: "trace 4bf92f35", note: "One trace, by how its id begins" },
    { line: "trace ls --error --agent planner-agent", note: "What failed" },
    { line: "trace -f --min-duration 2s", note: "Tell me of slow requests as they end" },
  ],
  run: async (outer, { options, positionals: [asked] }) => {
    const context = inNamespace(outer, options);
    const { last, follow, limit } = options;
    if (Number(asked !== undefined) + Number(last) + Number(follow) !== 1) {
      throw usageError(
        "trace takes one of an id, ls, --last and -f",
        `See the traces there are with \`${context.program} trace ls\`.`,
      );
    }
    for (const name of ["retries", "limit"] as const) {
      if (!Number.isInteger(options[name])) {
        throw usageError(`--${name} is ${options[name]}, and it takes a whole number`);
      }
    }
    if (limit < 1 || limit > LIST_MAX) {
      throw usageError(`--limit is ${limit}, and it takes 1 to ${LIST_MAX}`);
    }
    const filter = filterOf(options);
    const client = await openRegistry(options, context);
    if (follow) return await followed(client, filter, options, context);
    if (asked === "ls" || asked === "list") return await listed(client, filter, options, context);
    if (asked !== undefined && Object.values(filter).some((value) => value !== undefined)) {
      throw usageError("--agent, --operation, --error and --min-duration choose among traces");
    }
    const read = asked === undefined
      ? async () => await readTrace(client, await latest(client, filter))
      : () => readTrace(client, asked);
    const retries = { retries: options.retries, delay: options["retry-delay"] };
    const notice = (line: string) => context.stderr.lines([line]);
    const settled = () => settledTrace(read, context);
    const trace = await awaitTrace(settled, retries, context, notice);
    print(trace, options, context);
    if (trace.Complete === false) {
      notice("Something of this trace runs still, or its spans have not come.");
    }
    return EXIT.ok;
  },
});

/** @throws {CliError} exit 2 for a duration that is none. */
function filterOf({ agent, operation, error, "min-duration": minDuration }: Options): TraceFilter {
  // The registry reads it so too.
  if (minDuration !== undefined && parseDuration(minDuration) === undefined) {
    throw usageError(
      `--min-duration is "${minDuration}", which is no duration`,
      "Write it like 250ms, 2s or 1.5s.",
    );
  }
  return { agent, operation, error: error ? true : undefined, minDuration };
}

function print(trace: CompletedTrace, options: Options, { stdout }: Context): void {
  if (options.json) return stdout.write(jsonText(trace));
  const { palette, columns } = stdout;
  const showInternal = options["show-internal"];
  stdout.lines(traceLines(trace, { palette, columns, showInternal }));
}

async function latest(client: RegistryClient, filter: TraceFilter): Promise<string> {
  const [trace] = await listTraces(client, filter, 1);
  if (trace !== undefined) return trace.trace_id;
  throw new CliError(EXIT.notFound, "there is no such trace yet", {
    hint:
      "Call a tool, or a gateway's route; its trace is there a second or two later. Agents that\n" +
      "`start` runs trace every request unless MCP_MESH_DISTRIBUTED_TRACING_ENABLED is false.",
  });
}

async function listed(
  client: RegistryClient,
  filter: TraceFilter,
  options: Options,
  { stdout, stderr, now }: Context,
): Promise<ExitCode> {
  const traces = await listTraces(client, filter, options.limit);
  if (options.json) stdout.write(jsonText({ traces, count: traces.length }));
  else if (traces.length === 0) stderr.write("No traces found\n");
  else stdout.lines(traceTable(traces, now(), stdout));
  return EXIT.ok;
}

async function followed(
  client: RegistryClient,
  filter: TraceFilter,
  options: Options,
  context: Context,
): Promise<ExitCode> {
  const interrupted = new AbortController();
  using _listening = context.onInterrupt(() => interrupted.abort());
  const changes = followTraces({
    client,
    filter,
    context,
    signal: interrupted.signal,
    notice: (line) => context.stderr.lines([line]),
  });
  for await (const { event, trace } of changes) {
    if (options.json) context.stdout.write(jsonLine({ event, ...trace }));
    else if (event === "trace_completed") {
      print(await readTrace(client, trace.trace_id), options, context);
      context.stdout.write("\n");
    }
  }
  return EXIT.ok;
}
