/**
 * `meshctl call`: call one tool, once or many times, and print what it answers.
 *
 * @module
 */
import type { JsonObject } from "../../runtime/base/json.ts";
import { CALL_FORMS, type CallAnswer, type CallForm, showAnswer } from "../call/answer_view.ts";
import { type GivenArgument, readArgumentWords, readObjectFile } from "../call/argument_word.ts";
import { checkArguments, surplusText } from "../call/check.ts";
import { composeArguments } from "../call/coerce.ts";
import { summarize, summaryExit, summaryLines } from "../call/latency_summary.ts";
import { repeatCall } from "../call/repeat.ts";
import { sendCall } from "../call/resend.ts";
import { createStreamView } from "../call/stream_view.ts";
import { findRoute, liveTool, type RouteOptions, type ToolRoute } from "../call/tool_route.ts";
import { defineCommand } from "../app/command.ts";
import type { OptionTable, OptionValues } from "../app/option.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, type ExitCode, usageError } from "../base/exit.ts";
import { type Notification, sendMcpRequest } from "../mesh/mcp_request.ts";
import { inNamespace, NAMESPACE_OPTION } from "../mesh/namespace.ts";
import { progressBar, whileBusy } from "../output/busy_line.ts";
import { outputForm } from "../output/format.ts";
import { jsonText } from "../output/json.ts";
import { REGISTRY_OPTIONS, registryAddress } from "../mesh/registry_address.ts";
import { createRegistryClient, registryUnreachable } from "../mesh/registry_client.ts";
import { callTrace, TRACE_OPTION } from "../trace/call_trace.ts";
import { SUMMARIES } from "../app/summaries.ts";

const OPTIONS = {
  file: { type: "string", value: "PATH", help: "Read the arguments from a file, as @PATH does" },
  stream: { type: "boolean", help: "Show chunks and progress while they come" },
  output: {
    type: "string",
    short: "o",
    value: "value|envelope|json",
    help: "What to print: the value alone, the MCP result, or a document",
  },
  json: { type: "boolean", help: "The same as -o json" },
  raw: { type: "boolean", help: "Print it on one line" },
  pretty: { type: "boolean", hidden: true, help: "Results are printed so anyway" },
  repeat: { type: "number", value: "N", help: "Call so many times and print a summary" },
  parallel: { type: "number", value: "M", default: 1, help: "With --repeat: so many at once" },
  check: {
    type: "boolean",
    default: true,
    help: "Send the arguments without checking them against the tool's schema",
  },
  header: { type: "list", short: "H", value: "'NAME: VALUE'", help: "Send a header" },
  timeout: { type: "number", value: "SECONDS", default: 30, help: "Limit of each call" },
  "use-proxy": {
    type: "boolean",
    default: true,
    help: "Call the agent directly instead of through the registry's proxy",
  },
  "agent-url": {
    type: "string",
    value: "URL",
    help: "Call the agent at this address, without asking a registry",
  },
  ...TRACE_OPTION,
  ...NAMESPACE_OPTION,
  ...REGISTRY_OPTIONS,
} as const satisfies OptionTable;
type Options = OptionValues<typeof OPTIONS>;

/** `meshctl call <[agent:]tool> [arguments]`. */
export const callCommand = defineCommand({
  name: "call",
  summary: SUMMARIES.call,
  usage: "<[agent:]tool|capability> [name=value | name:=json | json | @file | -]...",
  details: "Arguments, later ones winning:\n" +
    "  name=value   a text, number, truth value or item, as the tool's schema says; again for\n" +
    "               the next item of an array; a.b=value is a member of a; name=@file is a text\n" +
    "               from a file\n" +
    "  name:=json   JSON; name:=@file from a file\n" +
    `  '{"a":1}'    several as one JSON object; @file from a file, - from standard input\n` +
    "They are checked against the schema that the agent tells before anything is sent. The\n" +
    "result is printed as MCP gives it, with --stream its value. A result that says the tool\n" +
    "failed makes the exit code 5.",
  positionals: { min: 1, max: Infinity },
  completes: ["tools", []],
  options: OPTIONS,
  examples: [
    {
      line: "call flight_search origin=SFO destination=NRT date=2026-06-01",
      note: "Call a tool by its name",
    },
    {
      line: `call flight_search '{"origin":"SFO","destination":"NRT","date":"2026-06-01"}'`,
      note: "The same with JSON",
    },
    { line: "call flight-agent:flight_search @trip.json -o value", note: "Only the value" },
    { line: "call get_weather location=Tokyo --repeat 200 --parallel 8", note: "How fast is it?" },
  ],
  run: async (outer, { options, positionals: [reference = "", ...words] }) => {
    const context = inNamespace(outer, options);
    const form = formOf(options);
    const repeat = repeatOf(options);
    const trace = callTrace(options.trace);
    if (trace !== undefined && repeat !== undefined) {
      throw usageError("--trace and --repeat exclude each other");
    }
    const headers = options.header.map(parseHeader);
    if (options.timeout === 0) throw usageError("--timeout is 0, which leaves no time to call");
    const given = await readGiven(words, options.file, context);
    const { url } = await registryAddress(options, context);
    const routing = {
      registry: url,
      useProxy: options["use-proxy"],
      agentUrl: options["agent-url"],
      headers,
      timeout: options.timeout,
    };
    const route = await findRoute(reference, routing, context);
    if (route.target.peer === "registry") warnOfDroppedHeaders(headers, context);
    const args = await composed(given, route, routing, options.check, context);
    const call: ToolCall = {
      reference,
      route,
      routing,
      args: trace?.arguments(args, route.runtime) ?? args,
      headers: [...headers, ...trace?.headers ?? []],
    };
    if (repeat !== undefined) return await callOften(context, call, repeat, form);
    try {
      if (options.stream) return await callStreaming(context, call, form ?? "value");
      const answered = await send(context, call);
      return showAnswer(context, route, answered, {
        form: form ?? "envelope",
        compact: options.raw,
      });
    } finally {
      await trace?.tell(
        context,
        createRegistryClient({ ...context, url, timeout: options.timeout }),
      );
    }
  },
});

/** A call that is ready to be sent. */
interface ToolCall {
  /** The tool, as the user named it. */
  reference: string;
  route: ToolRoute;
  routing: RouteOptions;
  args: JsonObject;
  headers: [string, string][];
}

/** How often to call. */
interface Repeat {
  calls: number;
  parallel: number;
}

function formOf(options: Options): CallForm | undefined {
  return outputForm(options.output, CALL_FORMS, options.json);
}

function repeatOf({ repeat, parallel, stream }: Options): Repeat | undefined {
  if (repeat === undefined) {
    if (parallel === 1) return undefined;
    throw usageError("--parallel is given without --repeat", "Say how many calls with --repeat N.");
  }
  if (stream) throw usageError("--stream and --repeat exclude each other");
  for (const [name, value] of Object.entries({ repeat, parallel })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw usageError(`--${name} is ${value}, and it takes a whole number from 1`);
  }
  return { calls: repeat, parallel };
}

async function readGiven(
  words: readonly string[],
  file: string | undefined,
  context: Context,
): Promise<GivenArgument[]> {
  if (file === undefined) return await readArgumentWords(words, context);
  if (words.length === 0) return [await readObjectFile(file, context.cwd)];
  throw usageError("arguments are given twice: on the command line and with --file");
}

async function composed(
  given: GivenArgument[],
  route: ToolRoute,
  routing: RouteOptions,
  check: boolean,
  context: Context,
): Promise<JsonObject> {
  const hasTexts = given.some(({ kind }) => kind === "text");
  const live = check || hasTexts ? await liveTool(route, routing, context) : undefined;
  const schema = live?.inputSchema;
  const args = composeArguments(given, schema);
  const { tool } = route;
  if (schema === undefined) {
    if (hasTexts) {
      context.stderr.lines([`${tool} tells no schema: values are sent as texts, unchecked.`]);
    }
    return args;
  }
  if (!check) return args;
  const typed = new Set(given.flatMap((one) => one.kind === "object" ? [] : one.key));
  const surplus = checkArguments({ tool, schema, args, typed, program: context.program });
  if (surplus.length > 0) context.stderr.lines([surplusText(tool, surplus, schema)]);
  return args;
}

/** What a call may do on its way. */
interface SendOptions {
  signal?: AbortSignal;
  /** Its notifications are those of this call. */
  token?: string;
  onNotification?(notification: Notification): void;
}

async function send(
  context: Context,
  { reference, route, routing, args, headers }: ToolCall,
  { token, ...options }: SendOptions = {},
): Promise<CallAnswer> {
  const { fetch, now, program, sleep } = context;
  const { registry: url, timeout, agentUrl } = routing;
  const meta = token === undefined ? {} : { _meta: { progressToken: token } };
  const started = performance.now();
  return await sendCall({
    route,
    send: async ({ target, tool }) => {
      const answer = await sendMcpRequest({
        target,
        method: "tools/call",
        params: { name: tool, arguments: args, ...meta },
        headers,
        timeout,
        fetch,
        now,
        unreachable: (cause) => registryUnreachable({ url, timeout, program }, cause),
        ...options,
      });
      return { answer, durationMs: performance.now() - started };
    },
    again: async () =>
      agentUrl === undefined
        ? await findRoute(reference, routing, context).catch(() => undefined)
        : route,
    sleep,
    signal: options.signal ?? new AbortController().signal,
  });
}

async function callStreaming(context: Context, call: ToolCall, form: CallForm): Promise<ExitCode> {
  const token = crypto.randomUUID();
  const view = createStreamView(context, token, form);
  let answered: CallAnswer;
  try {
    answered = await send(context, call, { token, onNotification: view.show });
  } finally {
    view.end();
  }
  return showAnswer(context, call.route, answered, {
    form,
    compact: form !== "value",
    streamed: view.hasChunks,
  });
}

async function callOften(
  context: Context,
  call: ToolCall,
  { calls, parallel }: Repeat,
  form: CallForm | undefined,
): Promise<ExitCode> {
  const interrupted = new AbortController();
  using _ = context.onInterrupt(() => interrupted.abort());
  const { tool, agentId } = call.route;
  const started = performance.now();
  const done = (count: number) => `${progressBar(count, calls)} ${count} of ${calls} calls`;
  const watched = form === "json" ? undefined : context;
  const samples = await whileBusy(watched, done(0), (say) =>
    repeatCall({
      tool,
      calls,
      parallel,
      clock: () => performance.now(),
      onDone: (count) => say(done(count)),
      signal: interrupted.signal,
      send: (signal) => send(context, call, { signal }),
    }));
  const summary = summarize(samples, performance.now() - started);
  if (form === "json") {
    const head = { tool, agent_id: agentId ?? null, parallel };
    context.stdout.write(jsonText({ ...head, ...summary }));
  } else context.stdout.lines(summaryLines(summary, parallel));
  if (!interrupted.signal.aborted) return summaryExit(samples);
  throw new CliError(EXIT.failure, `interrupted after ${samples.length} of ${calls} calls`);
}

function parseHeader(text: string): [string, string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*([^\r\n\0]*)$/.exec(text);
  if (match === null) {
    throw usageError(`"${text}" is no header`, "Write it like -H 'Authorization: Bearer abc'.");
  }
  return [match[1] ?? "", match[2] ?? ""];
}

/** Headers that every registry's proxy passes on. */
const PASSED_ON =
  /^(content-type|accept|traceparent|tracestate|x-trace-id|x-parent-span|x-mesh-.*)$/i;

function warnOfDroppedHeaders(headers: [string, string][], { stderr }: Context): void {
  const names = headers.map(([name]) => name).filter((name) => !PASSED_ON.test(name));
  if (names.length === 0) return;
  stderr.write(
    `The registry passes ${names.join(", ")} on only if its MCP_MESH_PROPAGATE_HEADERS names ` +
      "it; --use-proxy=false sends it straight to the agent.\n",
  );
}
