/**
 * One run of an operation, on the side of the agent's code: input checked, context built, handler
 * run, output checked. Both hosts run exactly this. It is on this side because zod schemas are agent
 * code too: refinements and transforms may loop, throw or touch what they should not.
 *
 * @module
 */
import { isObject } from "../base/json.ts";
import {
  type Ask,
  type AskOptions,
  askWith,
  FORWARDING,
  type Forwarding,
  forwardWith,
  type Unanswered,
} from "../define/ask.ts";
import { collected } from "../define/collected.ts";
import type { CompletionRequest } from "../define/completion.ts";
import { errorText, isMeshError, MeshError } from "../base/errors.ts";
import type { HandlerContext, Logger } from "../define/handler_context.ts";
import { after, type FormOf, isPlain, jsonForm, weightOf } from "../base/json_form.ts";
import type { Toolbox } from "../define/toolbox.ts";
import { RECORD } from "../llm/provider/model_spans.ts";
import type { CodeSpan } from "../protocol/code_span.ts";
import { encodeChunk, encodeOutcome, type Outcome } from "../boundary/result.ts";
import { checkValue } from "./check_value.ts";
import { dependencyClient } from "./dependency_client.ts";
import { MESSAGE_MAX } from "../base/bounded_body.ts";
import type { CallEnvironment } from "../boundary/host.ts";
import type { LogLevel } from "../base/log.ts";
import { plainFields } from "./log_fields.ts";
import type { Operation } from "./operation.ts";
import { toolboxOf } from "./toolbox_calls.ts";
import { unlockedPackage } from "./unlocked_package.ts";

/** What happened during one run beside what the handler returns. */
interface Run {
  /** The handler asked something that has no answer yet. */
  unanswered: Unanswered | undefined;
}

/**
 * Runs `operation` once.
 *
 * @throws {MeshError} See `Host.invoke`.
 */
export async function runOperation(
  operation: Operation,
  args: unknown,
  environment: CallEnvironment,
): Promise<Outcome> {
  const { name, input: schema, handler } = operation;
  const input = checkValue(schema, args ?? {}, "bad_input", `arguments of ${name}`);
  const run: Run = { unanswered: undefined };
  let returned: unknown;
  try {
    const context = contextOf(operation, environment, run);
    if (operation.llm !== undefined) {
      // Few tools have a language model.
      const { Chat } = await import("../llm/chat/chat.ts");
      const { toolbox } = context;
      context["llm"] = new Chat(operation.llm, { input, environment, toolbox });
    }
    returned = handler(input, context);
    // What is there already is not waited for.
    if (isThenable(returned)) returned = await returned;
    if (isAsyncIterable(returned)) {
      returned = await stream(returned, operation, environment);
      // The chunks have not been kept, so there is no value to check.
      if (environment.chunks === "only") return encodeOutcome(returned);
    } else if (operation.chunks?.isRequired === true && run.unanswered === undefined) {
      throw new MeshError(
        "bad_output",
        `invalid result of ${name}: the tool declares "chunk" and its handler returned no stream; ` +
          "make the handler an async generator",
      );
    }
  } catch (error) {
    if (run.unanswered !== undefined) return questions(run.unanswered);
    throw toCaller(failureOf(error, name, environment));
  }
  // A handler that swallowed it has nothing to say either.
  return run.unanswered === undefined
    ? operation.encode(returned, input)
    : questions(run.unanswered);
}

/**
 * Suggests values for an argument of `operation`.
 *
 * @throws {MeshError} `tool_failed`, `permission_denied`.
 */
export async function runCompletion(
  { complete }: Operation,
  { argument, value, others }: CompletionRequest,
): Promise<readonly string[]> {
  if (!Object.hasOwn(complete, argument)) return [];
  try {
    return (await complete[argument]?.(value, others) ?? []).map(String);
  } catch (error) {
    throw coded(error);
  }
}

type Asking = Pick<Unanswered, "requests" | "state">;

const ASKED: FormOf = { code: "bad_output", what: "what is asked of the client" };

function questions({ requests, state }: Unanswered): Outcome | Promise<Outcome> {
  // Its form has the members it has.
  const form = jsonForm({ requests, state }, ASKED) as Asking | Promise<Asking>;
  return after(form, (asking) => ({ kind: "questions", ...asking }));
}

/** Whether a value is to be taken piece by piece. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && "then" in value;
}

/** Most that is collected of a stream for a caller that wants it at once, in characters. */
const COLLECTED_MAX = MESSAGE_MAX;

/** Emits each chunk as it comes; returns all of them together, for callers that do not stream. */
async function stream(
  stream: AsyncIterable<unknown>,
  { chunks }: Operation,
  environment: CallEnvironment,
): Promise<unknown> {
  const { signal, chunks: use } = environment;
  const all: unknown[] = [];
  let number = 0;
  let weight = 0;
  for await (const given of stream) {
    // Leaving the loop runs the generator's `finally` blocks.
    signal.throwIfAborted();
    const chunk = chunks === undefined ? given : chunks.read(given, ++number);
    const encoded = encodeChunk(chunk);
    const sent = encoded instanceof Promise ? await encoded : encoded;
    if (use !== "only") {
      weight += 1 + weightOf(sent);
      if (weight > COLLECTED_MAX) throw tooMuch();
      all.push(sent);
    }
    await environment.emit(sent);
  }
  return collected(all, chunks?.collection());
}

function tooMuch(): MeshError {
  return new MeshError(
    "bad_output",
    `the stream is longer than ${COLLECTED_MAX} characters, the most that is answered at once; ` +
      "read it chunk by chunk",
  );
}

/** The context of one run. What costs to make is made when it is asked for: most handlers use little. */
class Context implements HandlerContext {
  readonly [dependency: string]: unknown;
  readonly #environment: CallEnvironment;
  readonly #run: Run;
  #log: Logger | undefined;
  #toolbox: Toolbox | undefined;

  constructor(environment: CallEnvironment, run: Run) {
    this.#environment = environment;
    this.#run = run;
  }

  get signal() {
    return this.#environment.signal;
  }

  get headers() {
    return this.#environment.headers;
  }

  get trace() {
    return this.#environment.trace;
  }

  get client() {
    return this.#environment.client;
  }

  get log() {
    return this.#log ??= loggerOf(this.#environment);
  }

  get progress(): HandlerContext["progress"] {
    return (progress, total, message) => this.#environment.progress(progress, total, message);
  }

  /** Tools of others that the handler may call, by name; see `Tool.toolbox`. */
  get toolbox(): Toolbox {
    return this.#toolbox ??= toolboxOf(this.#environment);
  }

  /** Takes spans of calls to language models. */
  get [RECORD]() {
    return (span: CodeSpan) => this.#environment.record(span);
  }

  get ask(): Ask {
    return askWith(this.#asking);
  }

  get [FORWARDING](): Forwarding {
    return forwardWith(this.#asking);
  }

  get #asking(): AskOptions {
    const { client, answers } = this.#environment;
    return {
      capabilities: client?.capabilities,
      answers,
      onUnanswered: (unanswered) => {
        this.#run.unanswered = unanswered;
      },
    };
  }
}

/** The context of one run, without a language model. */
export function contextOf(
  { dependencies }: Pick<Operation, "dependencies">,
  environment: CallEnvironment,
  run: Run = { unanswered: undefined },
): Context & Record<string, unknown> {
  const context: Context & Record<string, unknown> = new Context(environment, run);
  for (const name in dependencies) {
    const definition = dependencies[name];
    const port = environment.dependencies.get(name);
    if (definition === undefined || port === undefined) continue;
    context[name] = dependencyClient(definition, port, environment);
  }
  return context;
}

/** Log lines as agent code writes them. */
export function loggerOf(environment: Pick<CallEnvironment, "log">): Logger {
  const at = (level: LogLevel) => (message: string, fields?: Record<string, unknown>) =>
    environment.log(level, message, fields && plainFields(fields));
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A handler's failure, with a code; where it comes from is logged when it had none. */
export function failureOf(
  error: unknown,
  name: string,
  environment: Pick<CallEnvironment, "log">,
): MeshError {
  const failure = coded(error);
  if (failure.code === "tool_failed" && !isMeshError(error) && error instanceof Error) {
    environment.log("error", `${name} failed: ${error.stack}`);
  }
  return failure;
}

function coded(error: unknown): MeshError {
  const denied = permissionDenied(error);
  if (denied !== undefined) {
    return new MeshError("permission_denied", denied, { cause: error });
  }
  if (isMeshError(error)) return withFormedDetails(error);
  const text = unlockedPackage(error) ?? errorText(error);
  return new MeshError("tool_failed", text || "the tool failed without saying why", {
    cause: error,
  });
}

const DETAILS: FormOf = { code: "bad_output", what: "the detail" };

/** A failure whose details can cross to its caller: those that cannot must not make another one of it. */
function withFormedDetails(error: MeshError): MeshError {
  const { code, message, details: given, dependency } = error;
  if (given === undefined || isPlain(given)) return error;
  let details: unknown;
  try {
    const form = jsonForm(given, DETAILS);
    // A Blob would have to be read first.
    details = form instanceof Promise ? undefined : form;
  } catch (why) {
    details = errorText(why);
  }
  return new MeshError(code, message, { cause: error, details, dependency });
}

/**
 * What a handler's failure is to the caller of the operation. A deadline or a cancellation is the same
 * fact for the caller, and so is work that somebody else has taken over; any other failure of a
 * dependency means that this tool failed. Whatever the dependency did, this tool has run.
 */
function toCaller(error: MeshError): MeshError {
  const { dependency, code, message, details } = error;
  if (dependency === undefined) return error;
  const ofTool = SAME_FOR_CALLER.has(code) ? code : "tool_failed";
  return new MeshError(ofTool, message, { cause: error, details });
}

const SAME_FOR_CALLER: ReadonlySet<string> = new Set([
  "timeout",
  "cancelled",
  "superseded",
  "llm_upstream",
  "llm_refused",
  "llm_limit",
  "llm_invalid",
]);

/** The text of Deno's refusal, wherever it is in the chain of causes. */
function permissionDenied(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof Deno.errors.NotCapable) return at.message;
  }
  return undefined;
}
