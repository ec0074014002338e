/**
 * A wired dependency as a handler calls it. On the side of the agent's code: arguments and results
 * are checked by the schemas of the declaration.
 *
 * @module
 */
import type * as z from "zod";
import { receivedSchema } from "../define/collected.ts";
import { checkOptions } from "../define/check/check.ts";
import type { CallOptions, DependencyClient, DependencyDefinition } from "../define/dependency.ts";
import { isMeshError, MeshError } from "../base/errors.ts";
import { ofCurrentSpan } from "./otel.ts";
import { checkValue } from "./check_value.ts";
import { chunksOf, type OnChunk } from "../base/chunks.ts";
import { sendable } from "../boundary/sendable.ts";
import { either } from "../base/within.ts";
import type { AgentRequest, DependencyPort, PortCallOptions } from "../boundary/host.ts";
import { object, quantity, text } from "../define/check/kind.ts";
import { shape } from "../define/check/shape.ts";
import { textsByName } from "../define/check/lists.ts";

/** Options of a call to a dependency. */
const CALL_OPTIONS = shape<CallOptions>("call options", {
  signal: object,
  timeoutMs: quantity,
  headers: textsByName,
  idempotencyKey: text,
  stallMs: quantity,
});

/**
 * The client a handler gets. What it fails with names the dependency.
 *
 * @param caller Its signal gives up every call that the handler makes.
 */
export function dependencyClient(
  definition: DependencyDefinition,
  port: DependencyPort,
  caller: { readonly signal: AbortSignal },
): DependencyClient {
  const { capability, input, chunk } = definition;
  const request = async (
    asked: AgentRequest,
    options: CallOptions,
    onChunk?: OnChunk,
  ): Promise<unknown> => {
    checkOptions(CALL_OPTIONS, `the call of ${capability}`, options);
    const sent = await named(() => sendable(asked, capability));
    try {
      return await port.call(sent, portOptions(definition, caller.signal, options, onChunk));
    } catch (error) {
      if (!isMeshError(error)) throw error;
      throw dependencyFailure(capability, error, `${capability}: ${error.message}`);
    }
  };
  /** Whatever it fails with names the dependency. */
  const named = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (!isMeshError(error)) throw error;
      throw dependencyFailure(capability, error, error.message);
    }
  };
  const check: typeof checkValue = (...parameters) => named(() => checkValue(...parameters));
  const toolCall = (args: unknown = {}): AgentRequest => {
    // The caller's own value is sent, not the parsed one: defaults and transforms are the
    // provider's to apply.
    if (input !== undefined) check(input, args, "bad_input", `arguments for ${capability}`);
    // Anything but an object is refused by the provider, whose input schema is of an object.
    return { method: "tools/call", args: args as Record<string, unknown> };
  };
  const client = async (args?: unknown, options: CallOptions = {}) => {
    const value = await request(toolCall(args), options);
    const output = definition.output ?? (chunk && receivedSchema(chunk, value));
    return output === undefined
      ? value
      : check(output, value, "bad_output", `result of ${capability}`);
  };
  const stream = (args?: unknown, options: CallOptions = {}) =>
    chunksOf((onChunk, signal) =>
      request(toolCall(args), { ...options, signal: either(signal, options.signal) }, onChunk)
    );
  const checked = async function* (schema: z.ZodType, chunks: AsyncIterable<unknown>) {
    let number = 0;
    for await (const value of chunks) {
      const what = `chunk ${++number} of ${capability}, sent by ${port.target.agentId}`;
      yield check(schema, value, "bad_output", what);
    }
  };
  return Object.assign(client, {
    target: port.target,
    callTool: (tool: string, args: Record<string, unknown> = {}, options: CallOptions = {}) =>
      request({ method: "tools/call", tool, args }, options),
    stream: (args?: unknown, options: CallOptions = {}) =>
      chunk === undefined ? stream(args, options) : checked(chunk, stream(args, options)),
    ...remoteAgent(request),
  });
}

/** The failure of a call that a handler made, which names what it called. */
export function dependencyFailure(
  dependency: string,
  cause: MeshError,
  message: string,
): MeshError {
  const { code, details, nothingRan } = cause;
  return new MeshError(code, message, { cause, details, dependency, nothingRan });
}

/** What the provider's agent has beside the tool. Its answers are typed as the specification has them. */
function remoteAgent(
  request: (asked: AgentRequest, options: CallOptions) => Promise<unknown>,
): Pick<
  DependencyClient,
  "listTools" | "listPrompts" | "getPrompt" | "listResources" | "readResource"
> {
  return {
    listTools: async (options = {}) => await request({ method: "tools/list" }, options) as [],
    listPrompts: async (options = {}) => await request({ method: "prompts/list" }, options) as [],
    listResources: async (options = {}) =>
      await request({ method: "resources/list" }, options) as [],
    getPrompt: async (name, args = {}, options = {}) =>
      await request({ method: "prompts/get", name, args }, options) as { messages: [] },
    readResource: async (uri, options = {}) =>
      await request({ method: "resources/read", uri }, options) as [],
  };
}

function portOptions(
  definition: DependencyDefinition,
  callerSignal: AbortSignal,
  options: CallOptions,
  onChunk: OnChunk | undefined,
): PortCallOptions {
  const timeoutMs = options.timeoutMs ?? definition.timeoutMs;
  return {
    signal: either(callerSignal, options.signal),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(options.headers === undefined ? {} : { headers: options.headers }),
    ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }),
    ...(options.stallMs === undefined ? {} : { stallMs: options.stallMs }),
    ...ofCurrentSpan(),
    ...(onChunk === undefined ? {} : { onChunk }),
  };
}
