/**
 * The language model of one call, as its handler asks it. On the side of the agent's code: prompts
 * are filled in and answers checked here; the provider runs the model and, unless it is to be asked
 * before, the tools. Nothing is shared between calls.
 *
 * @module
 */
import type * as z from "zod";
import { errorText, isMeshError, MeshError, type MeshErrorCode } from "../errors.ts";
import { chunksOf, type OnChunk } from "../host/chunks.ts";
import type { AgentRequest, CallEnvironment, DependencyPort } from "../host/host.ts";
import { either } from "../host/signals.ts";
import { LLM } from "../manifest.ts";
import { readReply, type Reply, ReplyReader } from "./chat_reply.ts";
import { runToolCalls, toolSpecs } from "./chat_tools.ts";
import type { ChatMessage } from "./contract.ts";
import { mediaPart } from "./media.ts";
import type {
  Asked,
  Llm,
  LlmDefinition,
  LlmOptions,
  LlmResult,
  LlmSettings,
  LlmStream,
  LlmUsage,
  LlmValue,
  StopReason,
} from "./llm.ts";
import type { PromptTemplate, Templates, Variables } from "./templates.ts";
import type { Toolbox } from "./toolbox.ts";
import { type WantedValue, wantedValue } from "./wanted_value.ts";

/** What is the same for all calls of a tool. */
export interface ToolLlm {
  readonly definition: LlmDefinition;
  /** Who asks, for the provider's log. */
  readonly caller: string;
  /** What the model is told to be. */
  readonly system: PromptTemplate | undefined;
  readonly templates: Templates;
  readonly settings: LlmSettings | undefined;
  /** Whether the tool streams what it does. */
  readonly streams: boolean;
}

/** What one call brings. */
export interface ChatCall {
  /** The tool's own arguments. */
  readonly input: unknown;
  readonly environment: Pick<CallEnvironment, "signal" | "dependencies" | "chunks">;
  readonly toolbox: Toolbox;
}

/** The port of a language model answers with who answered. */
export interface LlmAnswer {
  readonly provider: string;
  readonly value: unknown;
}

const MAX_ITERATIONS = 10;
const REPAIRS = 1;
/** Nobody could be reached, which to the caller is one with a vendor that could not be. */
const OUT_OF_REACH: ReadonlySet<MeshErrorCode> = new Set([
  "unreachable",
  "interrupted",
  "overloaded",
]);

/** What a conversation came to. */
interface Answer extends LlmResult {
  /** Text, or the value that was asked for. */
  readonly content: unknown;
  /** What was said, the answer left out. */
  readonly messages: readonly ChatMessage[];
}

/** One request of a handler. */
interface Request {
  readonly messages: readonly ChatMessage[];
  readonly options: LlmOptions;
  readonly wanted: WantedValue | undefined;
  readonly signal: AbortSignal;
  /** When it is given up, by `performance.now()`. */
  readonly until: number;
  readonly streams: boolean;
}

/** The language model of one call. */
export class Chat implements Llm {
  readonly #llm: ToolLlm;
  readonly #call: ChatCall;

  constructor(llm: ToolLlm, call: ChatCall) {
    this.#llm = llm;
    this.#call = call;
  }

  get tools() {
    return [...this.#call.toolbox.values()].map(({ name, description, agent }) => ({
      name,
      description,
      agent,
    }));
  }

  async text(asked: Asked, options: LlmOptions = {}): Promise<LlmResult> {
    return resultOf(await whole(this.#converse(await this.#request(asked, options))));
  }

  async object<S extends z.ZodType>(
    asked: Asked,
    schema: S,
    options: LlmOptions = {},
  ): Promise<LlmValue<z.output<S>>> {
    const wanted = wantedOf(schema);
    let request = await this.#request(asked, options, wanted);
    const tally = new Tally();
    for (let repairs = 0;; repairs++) {
      const answer = await whole(this.#converse(request));
      tally.add(answer);
      const read = wanted.read(answer.content);
      // Checked by the schema, whose type it is.
      if ("value" in read) {
        const { value } = read as { value: z.output<S> };
        return { ...resultOf(answer), ...tally.sums, value, repairs };
      }
      const failure = failureOf(answer, read.issues, repairs);
      if (failure.code !== "llm_invalid" || repairs >= (this.#llm.definition.repairs ?? REPAIRS)) {
        throw failure;
      }
      request = { ...request, messages: [...answer.messages, ...repairOf(answer, read.issues)] };
    }
  }

  stream(asked: Asked, options: LlmOptions = {}): LlmStream {
    const { promise, resolve, reject } = Promise.withResolvers<LlmResult>();
    // Whoever reads the stream is told by it.
    promise.catch(() => {});
    const read = async function* (this: Chat) {
      try {
        // Of a tool that streams to nobody, the model need not stream either.
        const streams = !this.#llm.streams || this.#call.environment.chunks !== "none";
        const request = await this.#request(asked, options, undefined, streams);
        const answer = yield* this.#converse(request);
        if (!streams && answer.text !== "") yield answer.text;
        resolve(resultOf(answer));
      } catch (error) {
        reject(error);
        throw error;
      } finally {
        reject(new MeshError("cancelled", "the stream was left before its end"));
      }
    };
    return Object.assign(read.call(this), { result: promise });
  }

  async #request(
    asked: Asked,
    options: LlmOptions,
    wanted?: WantedValue,
    streams = false,
  ): Promise<Request> {
    return {
      messages: await this.#messages(asked, options),
      options,
      wanted,
      signal: either(this.#call.environment.signal, options.signal),
      until: performance.now() + (options.timeoutMs ?? Infinity),
      streams,
    };
  }

  async #messages(asked: Asked, options: LlmOptions): Promise<ChatMessage[]> {
    const { input } = this.#call;
    const own = typeof input === "object" && input !== null ? input : {};
    const system = await this.#system(options, { ...own, ...options.context });
    const said: ChatMessage[] = typeof asked === "string"
      ? [{ role: "user", content: asked }]
      : asked.map((message) => ({ ...message }));
    const last = said.pop();
    if (last === undefined) {
      throw new MeshError("bad_input", "a model was asked nothing: give it a message");
    }
    return [
      ...(system === undefined ? [] : [{ role: "system", content: system }]),
      ...said,
      withMedia(last, options),
    ];
  }

  async #system(options: LlmOptions, variables: Variables): Promise<string | undefined> {
    const { system = this.#llm.system, templates } = {
      ...this.#llm,
      ...(options.system !== undefined && {
        system: { text: options.system, name: `system prompt of ${this.#llm.caller}` },
      }),
    };
    return system && await templates.render(system, variables);
  }

  /** Asks until the model wants no more tools run; yields its text as it comes if that is asked for. */
  async *#converse(request: Request): AsyncGenerator<string, Answer> {
    const { definition, settings } = this.#llm;
    const { options, signal } = request;
    const most = settings?.maxIterations ?? options.maxIterations ?? definition.maxIterations ??
      MAX_ITERATIONS;
    const messages = [...request.messages];
    const tally = new Tally();
    for (let left = most;;) {
      const { reply, provider } = yield* this.#ask(request, messages, left);
      tally.add(reply);
      left -= reply.turns;
      messages.push(...reply.messages);
      const isOver = reply.toolCalls.length === 0;
      if (isOver || left <= 0) {
        return {
          ...tally.sums,
          messages,
          content: reply.content,
          text: textOf(reply.content),
          stopReason: isOver ? reply.stopReason : "iterations",
          model: reply.model,
          provider,
        };
      }
      messages.push({
        role: "assistant",
        content: textOf(reply.content),
        tool_calls: reply.toolCalls,
      });
      messages.push(
        ...await runToolCalls(reply.toolCalls, {
          toolbox: this.#call.toolbox,
          parallel: definition.parallelToolCalls ?? true,
          signal,
          onToolCall: options.onToolCall,
        }),
      );
    }
  }

  /** Asks the provider once. */
  async *#ask(
    request: Request,
    messages: readonly ChatMessage[],
    iterations: number,
  ): AsyncGenerator<string, { readonly reply: Reply; readonly provider: string }> {
    const { streams, signal, until } = request;
    const port = this.#port();
    const asked: AgentRequest = {
      method: "tools/call",
      args: { request: this.#wireRequest(request, messages, iterations, port) },
      ...(streams ? { twin: true } : {}),
    };
    const call = async (signal: AbortSignal, onChunk?: OnChunk) => {
      const remainingMs = until - performance.now();
      // The port of a language model answers so.
      return await port.call(asked, {
        signal,
        ...(until === Infinity ? {} : { timeoutMs: Math.max(remainingMs, 1) }),
        ...(onChunk && { onChunk }),
      }) as LlmAnswer;
    };
    try {
      if (!streams) return replyOf(await call(signal));
      const reader = new ReplyReader();
      let answer: LlmAnswer | undefined;
      let inFrames = false;
      const chunks = chunksOf(async (onChunk, left) => {
        answer = await call(either(signal, left), async (chunk) => {
          inFrames = true;
          await onChunk(chunk);
        });
        // Nothing for the reader: `answer` is read below.
        return "";
      });
      for await (const chunk of chunks) {
        const text = reader.read(chunk);
        if (text !== "") yield text;
      }
      if (answer === undefined) throw new MeshError("protocol", "the provider answered nothing");
      if (inFrames) return { reply: reader.reply, provider: answer.provider };
      // A provider that does not stream.
      const { reply, provider } = replyOf(answer);
      if (textOf(reply.content) !== "") yield textOf(reply.content);
      return { reply, provider };
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #port(): DependencyPort {
    const port = this.#call.environment.dependencies.get(LLM);
    if (port !== undefined) return port;
    const { provider = {}, fallback = [] } = this.#llm.definition;
    const wanted = [provider, ...fallback].map(({ capability = "llm", tags = [] }) =>
      [capability, ...tags].join(" ")
    );
    throw new MeshError(
      "dependency_unavailable",
      `${this.#llm.caller} needs a language model (${wanted.join(", or ")}) and no healthy agent ` +
        "offers one; start a provider",
      { details: { capability: provider.capability ?? "llm", dependency: LLM } },
    );
  }

  #wireRequest(
    { options, wanted }: Request,
    messages: readonly ChatMessage[],
    iterations: number,
    { target }: DependencyPort,
  ): Record<string, unknown> {
    const { definition, settings, caller } = this.#llm;
    const params = {
      ...definition.modelParams,
      ...options.modelParams,
      model: settings?.model ?? definition.model,
      max_tokens: options.maxOutputTokens ?? definition.maxOutputTokens,
      temperature: options.temperature ?? definition.temperature,
      top_p: definition.topP,
      stop: definition.stop,
      parallel_tool_calls: definition.parallelToolCalls ?? true,
      max_iterations: iterations,
      ...(wanted && { output_schema: wanted.schema, output_type_name: wanted.name }),
    };
    const left = options.onToolCall !== undefined;
    return {
      messages,
      tools: toolSpecs(this.#call.toolbox, target.runtime === "deno", left),
      model_params: withoutUndefined(params),
      request_id: crypto.randomUUID(),
      caller_agent: caller,
    };
  }

  /** What a failed provider is to the handler. */
  #failure(error: unknown): unknown {
    if (!isMeshError(error) || error.dependency !== undefined) return error;
    if (error.code === "dependency_unavailable") return error;
    const code = OUT_OF_REACH.has(error.code) ? "llm_upstream" : error.code;
    return new MeshError(code, `llm: ${error.message}`, {
      cause: error,
      details: error.details,
      dependency: LLM,
    });
  }
}

/** What several turns took. */
class Tally {
  #inputTokens = 0;
  #outputTokens = 0;
  #turns = 0;

  add({ usage, turns }: { readonly usage: LlmUsage; readonly turns: number }): void {
    this.#inputTokens += usage.inputTokens;
    this.#outputTokens += usage.outputTokens;
    this.#turns += turns;
  }

  get sums(): Pick<LlmResult, "usage" | "turns"> {
    return {
      usage: { inputTokens: this.#inputTokens, outputTokens: this.#outputTokens },
      turns: this.#turns,
    };
  }
}

/** Reads a conversation to its end. */
async function whole(conversation: AsyncGenerator<string, Answer>): Promise<Answer> {
  for (;;) {
    const { done, value } = await conversation.next();
    if (done) return value;
  }
}

function wantedOf(schema: z.ZodType): WantedValue {
  try {
    return wantedValue(schema);
  } catch (error) {
    throw new MeshError(
      "bad_definition",
      `the schema a model is asked for has no JSON Schema form: ${errorText(error)}`,
      { cause: error },
    );
  }
}

function replyOf({ provider, value }: LlmAnswer) {
  return { reply: readReply(value), provider };
}

function resultOf({ text, stopReason, usage, model, turns, provider }: Answer): LlmResult {
  return { text, stopReason, usage, model, turns, provider };
}

function textOf(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}

/** Why there is no value. */
function failureOf(
  { text, stopReason, model }: Answer,
  issues: readonly string[],
  repairs: number,
): MeshError {
  const details = { text, model, issues };
  switch (stopReason) {
    case "refusal":
      return new MeshError("llm_refused", `${model || "the model"} would not answer: ${text}`, {
        details,
      });
    case "length":
    case "iterations":
      return new MeshError("llm_limit", LIMITS[stopReason], { details });
    case "done":
      return new MeshError(
        "llm_invalid",
        `the answer of ${model || "the model"} does not fit${
          repairs === 0 ? "" : `, mended ${repairs} times`
        }: ${issues.join("; ")}`,
        { details },
      );
  }
}

const LIMITS: Readonly<Record<Extract<StopReason, "length" | "iterations">, string>> = {
  length: "the model's answer ended at its token limit; raise maxOutputTokens or ask for less",
  iterations: "the model had its turns before it had an answer; raise maxIterations",
};

/** Asks the model to mend its answer. */
function repairOf({ text }: Answer, issues: readonly string[]): ChatMessage[] {
  const list = issues.map((issue) => `- ${issue}`).join("\n");
  return [
    { role: "assistant", content: text },
    {
      role: "user",
      content:
        `That answer does not fit the schema:\n${list}\nGive the whole answer again, as JSON ` +
        "that fits and nothing else.",
    },
  ];
}

function withMedia(message: ChatMessage, { media = [] }: LlmOptions): ChatMessage {
  if (media.length === 0) return message;
  const { content } = message;
  const said = typeof content === "string" ? [{ type: "text", text: content }] : content ?? [];
  return { ...message, content: [...said, ...media.map(mediaPart)] };
}

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
