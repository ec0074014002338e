/**
 * What an endpoint answers, whole or delta by delta, put together to a turn. Pure.
 *
 * @module
 */
import { weightOf } from "../../base/json_form.ts";
import { MESSAGE_MAX } from "../../base/bounded_body.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { CallPieces } from "./call_pieces.ts";
import type { ChatToolCall, FinishReason, Usage } from "../../define/contract.ts";
import type { LlmTurn } from "./engine.ts";
import { type Ending, endingOf } from "./finish_reasons.ts";
import { UpstreamFailure } from "./upstream_failure.ts";

/** Fields of a message that are read for themselves. */
const READ = new Set(["role", "content", "refusal", "tool_calls", "function_call", "audio"]);

/** Puts an answer together. */
export class OpenAiReply {
  #weight = 0;
  #text = "";
  /** Half a character at the end of what may be shown: the next delta has the other half. */
  #half = "";
  #refusal = "";
  #reason: string | undefined;
  #usage: Usage | undefined;
  readonly #calls: CallPieces;
  /** Calls in the form before `tool_calls`; endpoints that know both write both. */
  readonly #oldCalls: CallPieces;
  readonly #extra: Record<string, unknown> = {};

  /** @param tools The names of the tools that can be called. */
  constructor(tools: readonly string[] = []) {
    this.#calls = new CallPieces(tools);
    this.#oldCalls = new CallPieces(tools);
  }

  /** Whether anything has come of the answer but its role. */
  get hasBegun(): boolean {
    return this.#text !== "" || this.#refusal !== "" || this.#hasCalls;
  }

  /** Whether the endpoint has said that the answer is whole. */
  get isWhole(): boolean {
    return this.#reason !== undefined;
  }

  /** The word the answer ended with, as the endpoint wrote it. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** How the answer ended; `undefined` for a word that nobody knows. */
  get ending(): Ending | undefined {
    return this.#reason === undefined ? "stop" : endingOf(this.#reason);
  }

  /** Whether the endpoint says that the model calls tools, and there is no call. */
  get isWithoutItsCalls(): boolean {
    return this.ending === "tool_calls" && !this.hasBegun;
  }

  /**
   * Takes an answer, or an event of one.
   *
   * @returns The text in it that may be shown at once: none after the first tool call.
   * @throws {UpstreamFailure} When it is deeper than a message may be, or all of it is longer.
   */
  add(answer: unknown): string {
    if (!isObject(answer)) return "";
    this.#weight += weightOf(answer);
    if (this.#weight > MESSAGE_MAX) {
      throw new UpstreamFailure("temporary", "the answer is nested too deep or too long");
    }
    this.#addUsage(answer);
    const choices = Array.isArray(answer["choices"]) ? answer["choices"] : [];
    // One answer was asked for: some put its text and its calls into choices of their own.
    const texts = choices.filter(isObject).map((choice) => this.#addChoice(choice));
    return this.#hasCalls ? "" : this.#showable(texts.join(""));
  }

  /** The turn it came to. */
  turn(model: string): LlmTurn {
    const toolCalls = this.#toolCalls();
    return {
      text: (this.#text === "" ? this.#refusal : this.#text).toWellFormed(),
      toolCalls,
      finishReason: this.#finishReason(toolCalls.length > 0),
      usage: this.#usage ?? { prompt_tokens: 0, completion_tokens: 0 },
      model,
      extra: this.#extra,
    };
  }

  get #hasCalls(): boolean {
    return !this.#calls.isEmpty || !this.#oldCalls.isEmpty;
  }

  #toolCalls(): ChatToolCall[] {
    return (this.#calls.isEmpty ? this.#oldCalls : this.#calls).calls();
  }

  #addChoice(choice: JsonObject): string {
    this.#addUsage(choice);
    const { finish_reason: reason, message, delta: piece } = choice;
    if (typeof reason === "string" && reason !== "") this.#reason = reason;
    const text = isObject(piece) ? this.#addMessage(piece) : "";
    return text + (isObject(message) ? this.#addMessage(this.#newIn(message)) : "");
  }

  /** Takes a message, or a piece of one; returns the text in it. */
  #addMessage(message: JsonObject): string {
    const { content, refusal, tool_calls: calls, function_call: called } = message;
    for (const call of Array.isArray(calls) ? calls : [calls]) this.#calls.add(call);
    if (isObject(called)) this.#oldCalls.add({ index: 0, function: called });
    this.#refusal += textOf(refusal) + partsOf(content, "refusal");
    for (const [name, value] of Object.entries(message)) {
      if (!READ.has(name)) this.#extra[name] = joined(this.#extra[name], value);
    }
    const text = textOf(content) + partsOf(content, "text");
    this.#text += text;
    return text;
  }

  /** Returns what a whole message adds: at the end of a stream, some tell again all that came in deltas. */
  #newIn(message: JsonObject): JsonObject {
    const known: readonly (readonly [isKnown: boolean, field: string])[] = [
      [this.#text !== "", "content"],
      [this.#refusal !== "", "refusal"],
      [!this.#calls.isEmpty, "tool_calls"],
      [!this.#oldCalls.isEmpty, "function_call"],
    ];
    const left = known.flatMap(([isKnown, field]) => isKnown ? [field] : []);
    return Object.fromEntries(
      Object.entries(message).filter(([name]) =>
        !left.includes(name) && !Object.hasOwn(this.#extra, name)
      ),
    );
  }

  /** Usage is of the answer, of its last choice (Moonshot), or in a corner of Groq's. */
  #addUsage({ usage, x_groq: groq }: JsonObject): void {
    const counts = isObject(usage) ? usage : isObject(groq) ? groq["usage"] : undefined;
    if (!isObject(counts)) return;
    const { prompt_tokens: input, completion_tokens: output } = counts;
    this.#usage = { prompt_tokens: Number(input) || 0, completion_tokens: Number(output) || 0 };
  }

  #showable(text: string): string {
    const whole = this.#half + text;
    this.#half = /[\ud800-\udbff]$/.exec(whole)?.[0] ?? "";
    return whole.slice(0, whole.length - this.#half.length);
  }

  #finishReason(hasCalls: boolean): FinishReason {
    const { ending } = this;
    if (ending === "length" || ending === "content_filter") return ending;
    // Some say `stop` beside their tool calls.
    if (hasCalls) return "tool_calls";
    return this.#refusal !== "" || ending === "refusal" ? "refusal" : "stop";
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The text of the parts of one type, of content in parts. */
function partsOf(content: unknown, field: "text" | "refusal"): string {
  if (!Array.isArray(content)) return "";
  return content.map((part: unknown) => isObject(part) ? textOf(part[field]) : "").join("");
}

/** Pieces of a field: texts are added up, lists are joined, of anything else the last counts. */
function joined(before: unknown, piece: unknown): unknown {
  if (typeof before === "string" && typeof piece === "string") return before + piece;
  if (Array.isArray(before) && Array.isArray(piece)) return [...before, ...piece];
  return piece ?? before;
}
