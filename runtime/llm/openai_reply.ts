/**
 * What an endpoint answers, whole or delta by delta, put together to a turn. Pure.
 *
 * @module
 */
import { weightOf } from "../json_form.ts";
import { MESSAGE_MAX } from "../protocol/bounded_body.ts";
import type { ChatToolCall, FinishReason, Usage } from "./contract.ts";
import type { LlmTurn } from "./engine.ts";
import { UpstreamFailure } from "./upstream_failure.ts";

/** One tool call, or a piece of one. */
export interface WireToolCall {
  readonly index?: number | null;
  readonly id?: string | null;
  readonly type?: string;
  readonly function?: {
    readonly name?: string | null;
    readonly arguments?: string | Readonly<Record<string, unknown>> | null;
  };
  readonly [extra: string]: unknown;
}

/** A message, or a piece of one. */
export interface WireDelta {
  readonly role?: string;
  readonly content?: unknown;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly WireToolCall[] | null;
  readonly [extra: string]: unknown;
}

/** The part of an answer, or of one event of an answer, that is read. */
export interface WireAnswer {
  readonly choices?:
    | readonly {
      readonly message?: WireDelta;
      readonly delta?: WireDelta;
      readonly finish_reason?: string | null;
    }[]
    | null;
  readonly usage?: {
    readonly prompt_tokens?: number;
    readonly completion_tokens?: number;
  } | null;
  readonly error?: unknown;
}

interface CallInProgress {
  readonly index: number | undefined;
  readonly extra: Record<string, unknown>;
  id: string;
  name: string;
  arguments: string;
}

/** Fields of a message that are read for themselves. */
const READ = new Set(["role", "content", "refusal", "tool_calls", "function_call", "audio"]);

/** Puts an answer together. */
export class OpenAiReply {
  #weight = 0;
  #text = "";
  #refusal = "";
  #finish: string | undefined;
  #usage: Usage | undefined;
  readonly #calls: CallInProgress[] = [];
  readonly #extra: Record<string, unknown> = {};

  /** Whether anything has come of the answer but its role. */
  get hasBegun(): boolean {
    return this.#text !== "" || this.#refusal !== "" || this.#calls.length > 0;
  }

  /** Whether the endpoint has said that the answer is whole. */
  get isWhole(): boolean {
    return this.#finish !== undefined;
  }

  /**
   * Takes an answer, or an event of one.
   *
   * @returns The text in it that may be shown at once: none after the first tool call.
   * @throws {UpstreamFailure} When it is deeper than a message may be, or all of it is longer.
   */
  add(answer: WireAnswer): string {
    this.#weight += weightOf(answer);
    if (this.#weight > MESSAGE_MAX) {
      throw new UpstreamFailure("temporary", "the answer is nested too deep or too long");
    }
    const { choices, usage } = answer;
    if (usage) {
      this.#usage = {
        prompt_tokens: usage.prompt_tokens ?? 0,
        completion_tokens: usage.completion_tokens ?? 0,
      };
    }
    const [choice] = choices ?? [];
    if (choice === undefined) return "";
    if (choice.finish_reason) this.#finish = choice.finish_reason;
    const delta = choice.message ?? choice.delta ?? {};
    for (const call of delta.tool_calls ?? []) this.#addCall(call);
    this.#refusal += delta.refusal ?? "";
    for (const [name, value] of Object.entries(delta)) {
      if (!READ.has(name)) this.#extra[name] = joined(this.#extra[name], value);
    }
    const text = contentText(delta.content);
    this.#text += text;
    return this.#calls.length === 0 ? text : "";
  }

  /** The turn it came to. */
  turn(model: string): LlmTurn {
    const toolCalls = this.#calls.map((call, index): ChatToolCall => ({
      ...call.extra,
      id: call.id || `call_${index + 1}_${crypto.randomUUID().slice(0, 8)}`,
      type: "function",
      function: { name: call.name, arguments: call.arguments.trim() || "{}" },
    }));
    return {
      text: this.#text === "" ? this.#refusal : this.#text,
      toolCalls,
      finishReason: this.#finishReason(toolCalls.length),
      usage: this.#usage ?? { prompt_tokens: 0, completion_tokens: 0 },
      model,
      extra: this.#extra,
    };
  }

  #finishReason(calls: number): FinishReason {
    // Some say `stop` beside their tool calls.
    if (calls > 0) return this.#finish === "length" ? "length" : "tool_calls";
    if (this.#refusal !== "" || this.#finish === "refusal") return "refusal";
    if (this.#finish === "length" || this.#finish === "content_filter") return this.#finish;
    return "stop";
  }

  #addCall({ index, id, type: _, function: called, ...extra }: WireToolCall): void {
    const call = this.#callOf(index ?? undefined, id || undefined, called?.name || undefined);
    Object.assign(call.extra, extra);
    call.name += call.name === "" ? called?.name ?? "" : "";
    const piece = called?.arguments ?? "";
    call.arguments += typeof piece === "string" ? piece : JSON.stringify(piece);
  }

  /**
   * The call a piece belongs to. Endpoints number them, or send each whole without a number, or
   * number all of them 0: another id, or a name where there is no number, begins a new one.
   */
  #callOf(index: number | undefined, id: string | undefined, name: string | undefined) {
    const last = this.#calls.at(-1);
    const known = index === undefined ? last : this.#calls.findLast((call) => call.index === index);
    const isNew = known === undefined || (id !== undefined && known.id !== "" && id !== known.id) ||
      (index === undefined && name !== undefined);
    if (!isNew) {
      known.id ||= id ?? "";
      return known;
    }
    const call: CallInProgress = { index, extra: {}, id: id ?? "", name: "", arguments: "" };
    this.#calls.push(call);
    return call;
  }
}

/** Text of content that is text, or a list of parts. */
function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: unknown) =>
    typeof part === "object" && part !== null && "text" in part && typeof part.text === "string"
      ? part.text
      : ""
  ).join("");
}

/** Pieces of a field: texts are added up, lists are joined, of anything else the last counts. */
function joined(before: unknown, piece: unknown): unknown {
  if (typeof before === "string" && typeof piece === "string") return before + piece;
  if (Array.isArray(before) && Array.isArray(piece)) return [...before, ...piece];
  return piece ?? before;
}
