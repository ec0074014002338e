/**
 * The steps of a scripted language model, and what each is on the wire: the bodies and the events of
 * OpenAI's chat completions. Pure.
 *
 * @module
 */

import type { WrittenCall } from "./habit.ts";
import { type Habits, NO_HABITS } from "./habits_played.ts";
import type { HabitName } from "./habits.ts";

/** One tool call of a {@linkcode ScriptedStep}. */
export interface ScriptedToolCall {
  readonly name: string;
  /** The arguments, or text in their place, such as JSON that is not valid. */
  readonly arguments: Readonly<Record<string, unknown>> | string;
  /** @default `call_1`, `call_2`, … within the step */
  readonly id?: string;
  /** Further fields of the call, such as a vendor's own. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** What the scripted model does once. Text comes before tool calls; an error status is all there is. */
export interface ScriptedStep {
  /**
   * Makes the step a standing rule: it answers every request that it fits, before the queue is asked.
   * Text must be part of the last message, an expression must match it.
   */
  readonly when?: string | RegExp | ((request: ScriptedRequestBody) => boolean);
  /** What it says; a list is streamed as one delta each. */
  readonly text?: string | readonly string[];
  /** Holds each delta back until the test calls `release()`. */
  readonly slow?: boolean;
  /** The tools it calls. */
  readonly toolCalls?: readonly ScriptedToolCall[];
  /** Says this value as JSON text. */
  readonly json?: unknown;
  /** Declines with this sentence. */
  readonly refusal?: string;
  /** Answers with this HTTP status and an error body. */
  readonly status?: number;
  /** Message of the error body. */
  readonly error?: string;
  /** Further fields of the error body, such as `code` and `param`. */
  readonly errorFields?: Readonly<Record<string, unknown>>;
  /** HTTP headers of the answer, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends this instead of JSON: as the body, or as the data of an event after the text. */
  readonly malformed?: string;
  /** Cuts the connection after the text, before the answer is whole. */
  readonly cut?: boolean;
  /** Ends the stream properly, but without a finish reason. */
  readonly unfinished?: boolean;
  /** Never answers; the request ends when its sender gives it up. */
  readonly hang?: boolean;
  /** @default "tool_calls" after tool calls, else "stop" */
  readonly finishReason?: string;
  /** @default 10 and 5 */
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
  /** Further fields of the message, such as a vendor's own. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** Habits that this answer has beside those of the model. */
  readonly habit?: HabitName | readonly HabitName[];
}

/** The part of a request's body that scripts look at. */
export interface ScriptedRequestBody {
  readonly model: string;
  readonly messages: readonly ScriptedMessage[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly [parameter: string]: unknown;
}

/** One message of a request. */
export interface ScriptedMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly [field: string]: unknown;
}

/** The text of a message, of all its text parts. */
export function messageText({ content }: ScriptedMessage): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: unknown }) => typeof part.text === "string" ? part.text : "")
    .join("");
}

/** Whether a standing rule answers a request; `false` for a step of the queue. */
export function fits({ when }: ScriptedStep, request: ScriptedRequestBody): boolean {
  if (when === undefined) return false;
  if (typeof when === "function") return when(request);
  const last = request.messages.at(-1);
  const text = last === undefined ? "" : messageText(last);
  return typeof when === "string" ? text.includes(when) : when.test(text);
}

/** What a step says, delta by delta. */
export function textDeltas({ text, json }: ScriptedStep): readonly string[] {
  if (json !== undefined) return [JSON.stringify(json)];
  if (text === undefined) return [];
  return typeof text === "string" ? [text] : text;
}

/** The body of an error answer. */
export function errorBody({ status = 500, error, errorFields }: ScriptedStep): string {
  const message = error ?? `scripted status ${status}`;
  return JSON.stringify({
    error: { message, type: "scripted_error", param: null, code: null, ...errorFields },
  });
}

/** The body of a buffered answer. */
export function completionBody(
  step: ScriptedStep,
  request: ScriptedRequestBody,
  habits: Habits = NO_HABITS,
): string {
  const calls = toolCalls(step);
  const content = textDeltas(step).join("");
  const message = habits.message({
    role: "assistant",
    content: content === "" && (calls.length > 0 || step.refusal !== undefined) ? null : content,
    refusal: step.refusal ?? null,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...step.extra,
  });
  const choice = { index: 0, message, logprobs: null, finish_reason: finishReason(step, habits) };
  const body = habits.body({
    ...envelope(request, "chat.completion"),
    choices: habits.choices([choice]),
    usage: usage(step),
  });
  return habits.written(JSON.stringify(body), false);
}

/** The events of a streamed answer that come before, with and after its text. */
export interface StreamedAnswer {
  readonly before: readonly string[];
  readonly text: readonly string[];
  readonly after: readonly string[];
}

/** A streamed answer, as whole events. */
export function streamedAnswer(
  step: ScriptedStep,
  request: ScriptedRequestBody,
  habits: Habits = NO_HABITS,
): StreamedAnswer {
  const chunk = (delta: unknown, finish: string | null = null) =>
    event(habits.body({
      ...envelope(request, "chat.completion.chunk"),
      choices: habits.choices([{ index: 0, delta, logprobs: null, finish_reason: finish }]),
      ...(request.stream_options?.include_usage === true ? { usage: null } : {}),
    }));
  const after: string[] = [];
  if (step.refusal !== undefined) after.push(chunk({ refusal: step.refusal }));
  after.push(...habits.deltas(toolCalls(step)).map((delta) => chunk(delta)));
  if (step.malformed !== undefined) after.push(`data: ${step.malformed}\n\n`);
  if (step.unfinished !== true) after.push(chunk({}, finishReason(step, habits)));
  if (request.stream_options?.include_usage === true) {
    const last = { ...envelope(request, "chat.completion.chunk"), choices: [], usage: usage(step) };
    after.push(event(habits.body(last)));
  }
  after.push("data: [DONE]\n\n");
  return {
    before: [chunk({ role: "assistant", content: "", ...step.extra })],
    text: habits.texts(textDeltas(step)).map((text) => chunk({ content: text })),
    after,
  };
}

function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function envelope({ model }: ScriptedRequestBody, object: string) {
  return { id: "chatcmpl-scripted", object, created: 1_700_000_000, model };
}

function toolCalls({ toolCalls = [] }: ScriptedStep): WrittenCall[] {
  return toolCalls.map(({ name, arguments: given, id, extra }, index) => ({
    id: id ?? `call_${index + 1}`,
    type: "function",
    function: { name, arguments: typeof given === "string" ? given : JSON.stringify(given) },
    ...extra,
  }));
}

function finishReason({ finishReason, toolCalls = [] }: ScriptedStep, habits: Habits) {
  return habits.reason(finishReason ?? (toolCalls.length > 0 ? "tool_calls" : "stop"));
}

function usage({ usage = { prompt_tokens: 10, completion_tokens: 5 } }: ScriptedStep) {
  return { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens };
}
