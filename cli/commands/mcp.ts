/**
 * `meshctl mcp`: the mesh as an MCP server for clients that start a command.
 *
 * @module
 */
import { boundedText } from "../../runtime/base/bounded_body.ts";
import { TIMEOUT_HEADER, timeoutText } from "../../runtime/base/deadline.ts";
import { MCP_HEADERS } from "../../runtime/base/mcp_request.ts";
import { defineCommand } from "../app/command.ts";
import type { OptionTable } from "../app/option.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, usageError } from "../base/exit.ts";
import { McpBridge } from "../mcp/bridge.ts";
import { inNamespace, NAMESPACE_OPTION } from "../mesh/namespace.ts";
import { REGISTRY_OPTIONS, registryAddress, secretFor } from "../mesh/registry_address.ts";
import { reasonOf, registryUnreachable } from "../mesh/registry_client.ts";
import { createLineSplitter } from "../../runtime/base/line_splitter.ts";
import { SUMMARIES } from "../app/summaries.ts";

const OPTIONS = {
  tags: { type: "list", value: "TAGS", help: "Only tools with these tags, such as travel,-beta" },
  capability: {
    type: "list",
    value: "NAME",
    help: "Only tools of these capabilities; search.* is all that begin so",
  },
  mode: {
    type: "string",
    value: "MODE",
    help: "search: three tools to find, describe and call the others, instead of all",
  },
  token: {
    type: "string",
    value: "TOKEN",
    help: "What the registry wants to be shown (MCP_MESH_MCP_TOKEN, which others cannot see)",
  },
  timeout: { type: "number", value: "SECONDS", help: "Limit of a call; else the registry's" },
  ...NAMESPACE_OPTION,
  ...REGISTRY_OPTIONS,
} as const satisfies OptionTable;

/** Limit of the first request, seconds: it only asks whether somebody is there. */
const GREETING_SECONDS = 10;

/** `meshctl mcp`. */
export const mcpCommand = defineCommand({
  name: "mcp",
  summary: SUMMARIES.mcp,
  usage: "",
  details:
    "Speaks MCP over standard input and output, and ends when the client closes them. What\n" +
    "is offered and how calls behave is as at the registry's /mcp, which clients that take an\n" +
    "address can use without this command. A registry that restarts is waited for.",
  positionals: { min: 0, max: 0 },
  options: OPTIONS,
  examples: [
    { line: "mcp", note: "What to write into the configuration of a client, as its command" },
    { line: "mcp --mode search --tags travel", note: "A few tools of many" },
  ],
  run: async (outer, { options }) => {
    const context = inNamespace(outer, options);
    const { mode, timeout } = options;
    if (mode !== undefined && mode !== "search" && mode !== "tools") {
      throw usageError(`--mode is "${mode}"`, "Use --mode search, or leave it out for all tools.");
    }
    if (timeout === 0) throw usageError("--timeout is 0, which leaves no time to call");
    const registry = (await registryAddress(options, context)).url;
    const url = `${registry}/mcp${query(options)}`;
    const token = options.token ?? await secretFor("mcpToken", options, context) ??
      (options.namespace === "*" ? await secretFor("adminToken", options, context) : undefined);
    const headers: Record<string, string> = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(timeout !== undefined && { [TIMEOUT_HEADER]: timeoutText(timeout * 1_000) }),
    };
    await greet(context, registry, url, headers);
    const interrupted = new AbortController();
    using _listening = context.onInterrupt(() => interrupted.abort());
    const bridge = new McpBridge({
      url,
      headers,
      fetch: context.fetch,
      write: (line) => context.stdout.raw(`${line}\n`),
      notice: (line) => context.stderr.lines([line]),
      sleep: context.sleep,
      graceMs: (context.config.shutdownTimeout ?? GRACE_SECONDS) * 1_000,
      signal: interrupted.signal,
    });
    await bridge.run(lines(context.stdin(), interrupted.signal));
    return EXIT.ok;
  },
});

/** How long requests may go on once the client says no more, seconds. */
const GRACE_SECONDS = 10;

function query(
  options: { tags: string[]; capability: string[]; mode: string | undefined },
): string {
  const parameters = new URLSearchParams();
  for (const tags of options.tags) parameters.append("tags", tags);
  for (const capability of options.capability) parameters.append("capability", capability);
  if (options.mode !== undefined) parameters.set("mode", options.mode);
  return parameters.size === 0 ? "" : `?${parameters}`;
}

/** Asks whether the registry lets this client in: later, only the client would be told. */
async function greet(
  context: Context,
  registry: string,
  url: string,
  headers: Record<string, string>,
): Promise<void> {
  let response: Response;
  try {
    response = await context.fetch(url, {
      method: "POST",
      headers: { ...headers, ...MCP_HEADERS },
      body: '{"jsonrpc":"2.0","id":0,"method":"ping"}',
      signal: AbortSignal.timeout(GREETING_SECONDS * 1_000),
    });
  } catch (cause) {
    const where = { url: registry, timeout: GREETING_SECONDS, program: context.program };
    throw registryUnreachable(where, cause);
  }
  const text = await boundedText(response).catch(() => "");
  if (response.ok) return;
  throw new CliError(
    EXIT.failure,
    `${url} does not let this client in (HTTP ${response.status}): ${reasonOf(text)}`,
    { hint: HINTS[response.status] ?? "Read the registry's log." },
  );
}

const HINTS: Readonly<Record<number, string>> = {
  401: "Give its token with MCP_MESH_MCP_TOKEN.",
  403: "On the registry's side, MCP_MESH_MCP says who may come in.",
  404: "It is not this project's, or it is switched off with MCP_MESH_MCP=off.",
  503: "Try again in a moment.",
};

/** The lines of standard input, until it ends or the signal aborts. */
async function* lines(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const splitter = createLineSplitter();
  const reader = stream.getReader();
  const stopped = Promise.withResolvers<{ value?: undefined; done: true }>();
  signal.addEventListener("abort", () => stopped.resolve({ done: true }), { once: true });
  for (;;) {
    const { value, done } = await Promise.race([reader.read(), stopped.promise]);
    if (done) break;
    yield* splitter.push(value);
  }
  if (!signal.aborted) yield* splitter.end();
}
