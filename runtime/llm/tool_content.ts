/**
 * What a tool answered, as a language model gets to see it. Pure.
 *
 * @module
 */
import { isReadyMade } from "../mcp/result.ts";
import { cutText } from "../protocol/cut_text.ts";
import type { ContentPart } from "./contract.ts";

/** Longest text of a tool that is told to a model, in UTF-16 code units. */
const TEXT_MAX = 100_000;

/** Returns an answer of a tool as text, or as parts where there is more than text. */
export function toolContent(value: unknown): string | readonly ContentPart[] {
  if (isReadyMade(value)) return (value.content ?? []).map(partOf);
  if (isReadyMade({ content: [value] })) return [partOf(value as ContentPart)];
  return told(typeof value === "string" ? value : JSON.stringify(value) ?? "null");
}

function partOf(part: ContentPart): ContentPart {
  const { text } = part;
  return typeof text === "string" ? { ...part, text: told(text) } : part;
}

function told(content: string): string {
  const text = cutText(content, TEXT_MAX);
  const left = content.length - text.length;
  return left === 0 ? text : `${text}… (${left} more characters)`;
}
