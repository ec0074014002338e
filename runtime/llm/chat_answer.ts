/**
 * What a conversation came to, and what is said when it is not what was asked for.
 *
 * @module
 */
import { MeshError } from "../errors.ts";
import type { ChatMessage } from "./contract.ts";
import type { LlmResult, StopReason } from "./llm.ts";

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
