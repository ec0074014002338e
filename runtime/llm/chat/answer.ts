/**
 * What a conversation came to, and what is said when it is not what was asked for.
 *
 * @module
 */
import { MeshError } from "../../base/errors.ts";
import type { ChatMessage } from "../../define/contract.ts";
import type { LlmResult, LlmUsage } from "../../define/llm.ts";

/** What a conversation came to. */
export interface Answer extends LlmResult {
  /** Text, or the value that was asked for. */
  readonly content: unknown;
  /** What was said, the answer left out. */
  readonly messages: readonly ChatMessage[];
}

/** What the handler gets of it. */
export function resultOf({ text, stopReason, usage, model, turns, provider }: Answer): LlmResult {
  return { text, stopReason, usage, model, turns, provider };
}

/** Content as text: a value as JSON. */
export function textOf(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}

/** Why there is no value. */
export function failureOf(
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
      return new MeshError(
        "llm_limit",
        "the model's answer ended at its token limit; raise maxOutputTokens or ask for less",
        { details },
      );
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

/** A conversation in which the model still wanted tools when its turns were over. */
export interface Unfinished {
  readonly turns: number;
  /** Names of the tools that were called, in order. */
  readonly tools: readonly string[];
  /** Of the last turn. */
  readonly text: string;
  readonly model: string;
}

/**
 * Why there is no answer after the last turn. The model is not asked once more without its tools: what
 * it makes up then reads like an answer, and nobody could tell it from one.
 */
export function turnsUsedUp(unfinished: Unfinished): MeshError {
  const { turns, tools, model } = unfinished;
  const counts = [...Map.groupBy(tools, (name) => name)].map(([name, { length }]) =>
    length === 1 ? name : `${name} ${length} times`
  );
  const more = counts.length > NAMED_MAX ? ` and ${counts.length - NAMED_MAX} others` : "";
  // Providers of others do not tell what they called.
  const called = tools.length === 0
    ? ""
    : `, called ${counts.slice(0, NAMED_MAX).join(", ")}${more}`;
  const had = turns === 1 ? "its one turn" : `its ${turns} turns`;
  return new MeshError(
    "llm_limit",
    `${model || "the model"} had ${had}${called} and has no answer yet; raise maxIterations`,
    { details: unfinished },
  );
}

/** Most tools that are named. */
const NAMED_MAX = 8;

/** Asks the model to mend its answer. */
export function repairOf({ text }: Answer, issues: readonly string[]): ChatMessage[] {
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

/** The tokens and turns that several requests took together. */
export class Tally {
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
