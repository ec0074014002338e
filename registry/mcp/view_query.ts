/**
 * Which part of the mesh a client of `/mcp` wants to see, as its address says. Pure.
 *
 * | parameter | meaning |
 * |---|---|
 * | `tags` | selectors as in a dependency: `x` must be there, `-x` must not, `x\|y` either, `+x` never filters. Commas and repetition mean and |
 * | `capability` | any of these; `search.*` is every one that begins so. Commas and repetition mean or |
 * | `mode` | `search`: three tools to find, describe and call the others, instead of all of them |
 *
 * @module
 */
import type { Tool } from "../../runtime/protocol/registration.ts";
import { Fault, type QueryParameters, textAs, texts, type Values } from "../base/parameter.ts";
import {
  parseTags,
  REJECTED,
  type TagQuery,
  tagScore,
} from "../../runtime/protocol/resolve/tags.ts";

/** What tools are wanted. */
export interface ToolFilter {
  readonly tags: TagQuery;
  /** Names, or beginnings that end in `*`; empty wants every capability. */
  readonly capabilities: readonly string[];
}

/** Filters nothing. */
export const EVERYTHING: ToolFilter = { tags: [], capabilities: [] };

/** What a client wants to see. */
export interface ViewQuery extends ToolFilter {
  /** Whether the tools are to be searched for instead of listed. */
  readonly search: boolean;
  /** The same text for the same wish. */
  readonly key: string;
}

/** The parameters of a view. */
export const VIEW_PARAMETERS = {
  tags: {
    ...texts("Only tools with these tags, as in a dependency: `x`, `-x`, `x|y`; commas mean and"),
    read: items,
  },
  capability: {
    ...texts("Only tools of any of these capabilities; `search.*` is all that begin so"),
    read: items,
  },
  mode: textAs(
    "`search`: three tools to find, describe and call the others, instead of all",
    (given) =>
      given === "tools" || given === "search" ? given : new Fault(
        `mode is ${JSON.stringify(given)}; use mode=search, or leave it out`,
        true,
      ),
  ),
} as const satisfies QueryParameters;

/** Returns the view that a query asks for. */
export function viewQuery(
  { tags, capability, mode = "tools" }: Values<typeof VIEW_PARAMETERS>,
): ViewQuery {
  return {
    ...toolFilter(tags, capability),
    search: mode === "search",
    key: JSON.stringify([mode, tags, capability]),
  };
}

/** A filter of its written parts. */
export function toolFilter(tags: readonly string[], capabilities: readonly string[]): ToolFilter {
  const selectors = tags.map((tag) => tag.includes("|") ? tag.split("|") : tag);
  return { tags: parseTags(selectors), capabilities };
}

/** Whether a tool is wanted. */
export function fits(tool: Tool, { tags, capabilities }: ToolFilter): boolean {
  return tagScore(tags, tool.tags) !== REJECTED &&
    (capabilities.length === 0 ||
      capabilities.some((wanted) => isCapability(tool.capability, wanted)));
}

function isCapability(capability: string, wanted: string): boolean {
  return wanted.endsWith("*") ? capability.startsWith(wanted.slice(0, -1)) : capability === wanted;
}

function items(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(",")).map((item) => item.trim())
    .filter((item) => item !== "");
}
