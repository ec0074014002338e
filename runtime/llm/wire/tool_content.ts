/**
 * Answers of tools as a language model gets to see them. Pure.
 *
 * @module
 */
import { isReadyMade } from "../../boundary/result.ts";
import { abridged } from "../../base/cut_text.ts";
import type { ContentPart } from "../../define/contract.ts";

/** Longest text of a tool that is told to a model, in UTF-16 code units. */
const TEXT_MAX = 100_000;

/** Returns an answer of a tool as text, or as parts where there is more than text. */
export function toolContent(value: unknown): string | readonly ContentPart[] {
  if (isReadyMade(value)) return (value.content ?? []).map(partOf);
  if (isReadyMade({ content: [value] })) return [partOf(value as ContentPart)];
  return abridged(typeof value === "string" ? value : JSON.stringify(value) ?? "null", TEXT_MAX);
}

function partOf(part: ContentPart): ContentPart {
  const { text } = part;
  return typeof text === "string" ? { ...part, text: abridged(text, TEXT_MAX) } : part;
}
