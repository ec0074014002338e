/**
 * One tool call, on the side of the agent's code: input checked, context built, handler run, output
 * checked. Both hosts run exactly this. It is on this side because zod schemas are agent code too:
 * refinements and transforms may loop, throw or touch what they should not.
 *
 * @module
 */
import type { z } from "zod";
import type { CallOptions, DependencyClient, DependencyDefinition } from "../dependency.ts";
import { errorText, isMeshError, MeshError } from "../errors.ts";
import { encodeOutcome, isReadyMade, type Outcome } from "../mcp/result.ts";
import type { Logger, Tool, ToolContext } from "../tool.ts";
import type { CallEnvironment, DependencyPort, LogLevel } from "./host.ts";

/**
 * Runs `tool` once.
 *
 * @throws {MeshError} See `Host.invoke`.
 */
export async function runTool(
  name: string,
  tool: Tool,
  args: unknown,
  environment: CallEnvironment,
): Promise<Outcome> {
  const input = check(tool.input, args ?? {}, "bad_input", `arguments of ${name}`);
  // Failures of dependencies are told apart from the tool's own, so that `bad_input` of a
  // dependency is not taken for `bad_input` of this call.
  const foreign = new WeakSet<object>();
  let returned: unknown;
  try {
    returned = tool.handler(input, contextOf(tool, environment, foreign));
    if (isAsyncIterable(returned)) return await stream(returned, environment);
    returned = await returned;
  } catch (error) {
    throw failureOf(error, foreign);
  }
  if (tool.output === undefined || isReadyMade(returned)) return encodeOutcome(returned);
  return encodeOutcome(check(tool.output, returned, "bad_output", `result of ${name}`));
}

function check(
  schema: z.ZodType,
  value: unknown,
  code: "bad_input" | "bad_output",
  what: string,
): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: path.map(String).join("."),
    message,
  }));
  const text = issues.map(({ path, message }) => path === "" ? message : `${path}: ${message}`);
  throw new MeshError(code, `invalid ${what}: ${text.join("; ")}`, { details: { issues } });
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** Emits each chunk as it comes; the outcome is all of them together, for callers that do not stream. */
async function stream(
  chunks: AsyncIterable<unknown>,
  environment: CallEnvironment,
): Promise<Outcome> {
  const all: unknown[] = [];
  for await (const chunk of chunks) {
    // Leaving the loop runs the generator's `finally` blocks.
    environment.signal.throwIfAborted();
    all.push(chunk);
    await environment.emit(chunk);
  }
  return encodeOutcome(all.every((chunk) => typeof chunk === "string") ? all.join("") : all);
}

function contextOf(
  tool: Tool,
  environment: CallEnvironment,
  foreign: WeakSet<object>,
): ToolContext & Record<string, unknown> {
  const context: ToolContext & Record<string, unknown> = {
    signal: environment.signal,
    log: loggerOf(environment),
    progress: (progress, total, message) => environment.progress(progress, total, message),
    headers: environment.headers,
    trace: environment.trace,
  };
  for (const [name, definition] of Object.entries(tool.dependencies)) {
    const port = environment.dependencies.get(name);
    context[name] = port && clientOf(definition, port, environment.signal, foreign);
  }
  return context;
}

function loggerOf(environment: CallEnvironment): Logger {
  const at = (level: LogLevel) => (message: string, fields?: Record<string, unknown>) =>
    environment.log(level, message, fields);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function clientOf(
  definition: DependencyDefinition,
  port: DependencyPort,
  callerSignal: AbortSignal,
  foreign: WeakSet<object>,
): DependencyClient {
  const { capability } = definition;
  const call = async (
    tool: string | undefined,
    args: Record<string, unknown>,
    options: CallOptions,
    onChunk?: (chunk: unknown) => Promise<void>,
  ): Promise<unknown> => {
    const timeoutMs = options.timeoutMs ?? definition.timeoutMs;
    try {
      return await port.call(tool, args, {
        signal: options.signal === undefined
          ? callerSignal
          : AbortSignal.any([callerSignal, options.signal]),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(options.headers === undefined ? {} : { headers: options.headers }),
        ...(onChunk === undefined ? {} : { onChunk }),
      });
    } catch (error) {
      if (!isMeshError(error)) throw error;
      const named = new MeshError(error.code, `${capability}: ${error.message}`, {
        cause: error,
        details: error.details,
      });
      foreign.add(named);
      throw named;
    }
  };
  const argumentsOf = (args: unknown = {}) => {
    if (definition.input !== undefined) {
      try {
        // The caller's own value is sent, not the parsed one: defaults and transforms are the
        // provider's to apply.
        check(definition.input, args, "bad_input", `arguments for ${capability}`);
      } catch (error) {
        if (isMeshError(error)) foreign.add(error);
        throw error;
      }
    }
    // Anything but an object was refused by the provider's input schema being an object.
    return args as Record<string, unknown>;
  };
  const client = async (args?: unknown, options: CallOptions = {}) => {
    const value = await call(undefined, argumentsOf(args), options);
    if (definition.output === undefined) return value;
    try {
      return check(definition.output, value, "bad_output", `result of ${capability}`);
    } catch (error) {
      if (isMeshError(error)) foreign.add(error);
      throw error;
    }
  };
  return Object.assign(client, {
    callTool: (name: string, args: Record<string, unknown> = {}, options: CallOptions = {}) =>
      call(name, args, options),
    stream: (args?: unknown, options: CallOptions = {}) =>
      chunksOf((onChunk, signal) =>
        call(
          undefined,
          argumentsOf(args),
          {
            ...options,
            signal: options.signal === undefined
              ? signal
              : AbortSignal.any([signal, options.signal]),
          },
          onChunk,
        )
      ),
    target: port.target,
  });
}

/**
 * Turns a call that pushes chunks into chunks that are pulled. The producer is held until each chunk
 * was taken; leaving the loop early gives the call up.
 */
async function* chunksOf(
  start: (
    onChunk: (chunk: unknown) => Promise<void>,
    signal: AbortSignal,
  ) => Promise<unknown>,
): AsyncGenerator<unknown> {
  const abort = new AbortController();
  const { readable, writable } = new TransformStream<{ chunk: unknown }>(
    undefined,
    { highWaterMark: 1 },
    { highWaterMark: 0 },
  );
  const writer = writable.getWriter();
  let streamed = false;
  const finished = start(async (chunk) => {
    streamed = true;
    await writer.write({ chunk });
  }, abort.signal).then(
    async (value) => {
      if (!streamed) await writer.write({ chunk: value });
      await writer.close();
    },
    (error) => writer.abort(error),
  );
  // Failures reach the reader through the stream; this keeps the promise itself from floating.
  finished.catch(() => {});
  try {
    for await (const { chunk } of readable) yield chunk;
    await finished;
  } finally {
    abort.abort(new MeshError("cancelled", "the reader stopped reading"));
  }
}

/** What a handler's failure is to the caller of the tool. */
function failureOf(error: unknown, foreign: WeakSet<object>): MeshError {
  const denied = permissionDenied(error);
  if (denied !== undefined) {
    return new MeshError("permission_denied", denied, { cause: error });
  }
  if (!isMeshError(error)) {
    return new MeshError("tool_failed", errorText(error) || "the tool failed without saying why", {
      cause: error,
    });
  }
  if (!foreign.has(error)) return error;
  // A deadline or a cancellation is the same fact for the caller; any other failure of a
  // dependency means that this tool failed.
  return error.code === "timeout" || error.code === "cancelled"
    ? error
    : new MeshError("tool_failed", error.message, { cause: error, details: error.details });
}

/** The text of Deno's refusal, wherever it is in the chain of causes. */
function permissionDenied(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof Deno.errors.NotCapable) return at.message;
  }
  return undefined;
}
