/**
 * The language model of one call, as its handler asks it. On the side of the agent's code: prompts
 * are filled in and answers checked here; the provider runs the model and, unless it is to be asked
 * before, the tools. Nothing is shared between calls.
 *
 * @module
 */
import type * as z from "zod";
import { checkDefinition, checkOptions } from "../../define/check/check.ts";
import { READ, schema as schemaOf } from "../../define/check/schema_kind.ts";
import { errorText, MeshError } from "../../base/errors.ts";
import { either } from "../../base/within.ts";
import {
  type Answer,
  failureOf,
  repairOf,
  resultOf,
  Tally,
  textOf,
  turnsUsedUp,
} from "./answer.ts";
import { ChatProvider } from "./provider.ts";
import type { ChatCall, ChatRequest, ToolLlm } from "./request.ts";
import { runToolCalls } from "./tools.ts";
import type { ChatMessage } from "../../define/contract.ts";
import type {
  Asked,
  Llm,
  LlmOptions,
  LlmResult,
  LlmStream,
  LlmValue,
  Media,
} from "../../define/llm.ts";
import { mediaPart } from "./media.ts";
import type { Variables } from "./templates.ts";
import { type WantedValue, wantedValue } from "./wanted_value.ts";
import {
  amount,
  anything,
  func,
  list,
  number,
  object,
  quantity,
  text,
  textOr,
  times,
} from "../../define/check/kind.ts";
import { shape } from "../../define/check/shape.ts";

const media = shape<Exclude<Media, string>>("media", {
  data: anything,
  mimeType: text,
  name: text,
}, { required: ["data", "mimeType"] });

/** Options of a request to a language model. */
export const LLM_OPTIONS = shape<LlmOptions>("llm options", {
  context: object,
  system: text,
  media: list(textOr(media), '["https://…"]'),
  signal: object,
  timeoutMs: quantity,
  maxIterations: times,
  maxOutputTokens: amount,
  temperature: number,
  modelParams: object,
  onToolCall: func,
});

const MAX_ITERATIONS = 10;
const REPAIRS = 1;
/** The language model of one call. */
export class Chat implements Llm {
  readonly #llm: ToolLlm;
  readonly #call: ChatCall;
  readonly #provider: ChatProvider;

  constructor(llm: ToolLlm, call: ChatCall) {
    this.#llm = llm;
    this.#call = call;
    this.#provider = new ChatProvider(llm, call);
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
  ): Promise<ChatRequest> {
    checkOptions(LLM_OPTIONS, "the request to the model", options);
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
  async *#converse(request: ChatRequest): AsyncGenerator<string, Answer> {
    const { definition, settings } = this.#llm;
    const { options, signal } = request;
    const most = settings?.maxIterations ?? options.maxIterations ?? definition.maxIterations ??
      MAX_ITERATIONS;
    const messages = [...request.messages];
    const tally = new Tally();
    const tools: string[] = [];
    for (let left = most;;) {
      const { reply, provider } = yield* this.#provider.ask(request, messages, left);
      const { content, toolCalls, stopReason, model } = reply;
      const text = textOf(content);
      tally.add(reply);
      tools.push(...reply.called);
      left -= reply.turns;
      messages.push(...reply.messages);
      const wantsMore = toolCalls.length > 0;
      if (stopReason === "iterations" || (wantsMore && left <= 0)) {
        throw turnsUsedUp({ turns: most, tools, text, model });
      }
      if (!wantsMore) {
        const answer = { ...tally.sums, messages, content, text, stopReason, model, provider };
        // Nothing was answered, and that is not what was asked for.
        if (text === "" && stopReason !== "done") throw failureOf(answer, [], 0);
        return answer;
      }
      tools.push(...toolCalls.map(({ function: { name } }) => name));
      messages.push({ role: "assistant", content: text, tool_calls: toolCalls });
      messages.push(
        ...await runToolCalls(toolCalls, {
          toolbox: this.#call.toolbox,
          parallel: definition.parallelToolCalls ?? true,
          signal,
          onToolCall: options.onToolCall,
        }),
      );
    }
  }
}

/** Reads a conversation to its end. */
async function whole(conversation: AsyncGenerator<string, Answer>): Promise<Answer> {
  for (;;) {
    const { done, value } = await conversation.next();
    if (done) return value;
  }
}

const wantedSchema = schemaOf(READ);

function wantedOf(schema: z.ZodType): WantedValue {
  checkDefinition(wantedSchema, "the schema of llm.object()", schema);
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

function withMedia(message: ChatMessage, { media = [] }: LlmOptions): ChatMessage {
  if (media.length === 0) return message;
  const { content } = message;
  const said = typeof content === "string" ? [{ type: "text", text: content }] : content ?? [];
  return { ...message, content: [...said, ...media.map(mediaPart)] };
}
