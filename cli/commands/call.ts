/**
 * `meshctl call`: call one tool and print its MCP result.
 *
 * @module
 */
import { inNamespace, NAMESPACE_OPTION } from "../namespace.ts";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { healthyAgents } from "../agent_reference.ts";
import { defineCommand, type OptionTable, type OptionValues } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError, EXIT, type ExitCode, usageError } from "../exit.ts";
import { type JsonObject, parseJsonObject } from "../json_argument.ts";
import type { RpcError } from "../mcp_answer.ts";
import { type McpTarget, mcpTarget, sendMcpRequest } from "../mcp_request.ts";
import { REGISTRY_OPTIONS, registryAddress } from "../registry_address.ts";
import { createRegistryClient, registryUnreachable } from "../registry_client.ts";
import { findTool } from "../tool_reference.ts";
import { callTrace, TRACE_OPTION } from "../trace/call_trace.ts";

const OPTIONS = {
  file: { type: "string", value: "PATH", help: "Read the arguments from a file" },
  header: { type: "list", short: "H", value: "'NAME: VALUE'", help: "Send a header" },
  timeout: { type: "number", value: "SECONDS", default: 30, help: "Limit of the whole call" },
  raw: { type: "boolean", help: "Print the result on one line" },
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

/** `meshctl call <[agent:]tool> [json]`. */
export const callCommand = defineCommand({
  name: "call",
  summary: "Call a tool and print its result",
  usage: "<[agent:]tool|capability> [json | -]",
  details: "Arguments are one JSON object, on the command line, from a file with --file or from\n" +
    "standard input with -. The result is printed as MCP gives it. A result that says the tool\n" +
    "failed is printed too, and the exit code is 5.",
  positionals: { min: 1, max: 2 },
  options: OPTIONS,
  examples: [
    {
      line: `call flight_search '{"origin":"SFO","destination":"NRT","date":"2026-06-01"}'`,
      note: "Call a tool by its name",
    },
    { line: "call flight-agent:flight_search --file trip.json", note: "A certain agent's tool" },
  ],
  run: async (outer, { options, positionals }) => {
    const context = inNamespace(outer, options.namespace);
    const [reference = "", argument] = positionals;
    const trace = callTrace(options.trace);
    const headers = [...options.header.map(parseHeader), ...trace?.headers ?? []];
    if (options.timeout === 0) throw usageError("--timeout is 0, which leaves no time to call");
    const args = await readArguments(argument, options.file, context);
    const address = await registryAddress(options, context);
    const route = { url: address.url, timeout: options.timeout, program: context.program };
    const { target, name, runtime } = options["agent-url"] === undefined
      ? await lookUp(reference, options, { ...route, fetch: context.fetch })
      : direct(reference, options["agent-url"]);
    if (target.peer === "registry") warnOfDroppedHeaders(headers, context);
    try {
      const answer = await sendMcpRequest({
        target,
        method: "tools/call",
        params: { name, arguments: trace?.arguments(args, runtime) ?? args },
        headers,
        timeout: options.timeout,
        fetch: context.fetch,
        now: context.now,
        unreachable: (cause) => registryUnreachable(route, cause),
      });
      if (answer.kind === "error") throw rpcFailure(name, answer.error);
      return printResult(context, answer.result, options.raw);
    } finally {
      await trace?.tell(context, createRegistryClient({ ...route, fetch: context.fetch }));
    }
  },
});

async function lookUp(
  reference: string,
  options: OptionValues<typeof OPTIONS>,
  registry: Parameters<typeof createRegistryClient>[0],
): Promise<{ target: McpTarget; name: string; runtime?: string | undefined }> {
  const { agents } = await createRegistryClient(registry).listAgents();
  const { agent, tool } = findTool(reference, healthyAgents(agents));
  const proxy = options["use-proxy"] ? registry.url : undefined;
  const { runtime } = agent;
  return { target: mcpTarget(agent.endpoint, proxy), name: tool.function_name, runtime };
}

function direct(
  reference: string,
  url: string,
): { target: McpTarget; name: string; runtime?: undefined } {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw usageError(
      `--agent-url is "${url}", which is not an http or https URL`,
      "Write it like http://localhost:9101.",
    );
  }
  return {
    target: mcpTarget(parsed.href),
    name: reference.slice(reference.indexOf(":") + 1),
  };
}

async function readArguments(
  argument: string | undefined,
  file: string | undefined,
  context: Context,
): Promise<JsonObject> {
  if (file !== undefined && argument !== undefined) {
    throw usageError("arguments are given twice: on the command line and with --file");
  }
  if (file !== undefined) {
    return parseJsonObject(await readArgumentFile(resolve(context.cwd, file)), file);
  }
  if (argument === "-") {
    return parseJsonObject(await new Response(context.stdin()).text(), "standard input");
  }
  return argument === undefined ? {} : parseJsonObject(argument, "the JSON argument");
}

async function readArgumentFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new CliError(EXIT.notFound, `${path} cannot be read`, {
      hint: "Check the path given with --file.",
      cause,
    });
  }
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

function rpcFailure(name: string, { code, message, data }: RpcError): CliError {
  const detail = data === undefined || JSON.stringify(message).includes(String(data))
    ? ""
    : `: ${typeof data === "string" ? data : JSON.stringify(data)}`;
  const unknown = code === -32601 || /unknown tool|tool .*not found/i.test(message);
  return new CliError(
    unknown ? EXIT.notFound : EXIT.toolError,
    `${name} was refused: ${message}${detail} (code ${code})`,
    { hint: `See what it takes with \`list --tools=${name}\`.` },
  );
}

function printResult(context: Context, result: JsonObject, raw: boolean): ExitCode {
  context.stdout.write(`${JSON.stringify(result, null, raw ? 0 : 2)}\n`);
  return result["isError"] === true ? EXIT.toolError : EXIT.ok;
}
