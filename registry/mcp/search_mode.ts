/**
 * `mode=search`: three tools that lead to all others, so that a large mesh does not fill a client's
 * context with schemas it will not use.
 *
 * @module
 */
import * as z from "zod";
import { asObject, isObject, type JsonObject } from "../../runtime/base/json.ts";
import { suggest } from "../../runtime/base/suggest.ts";
import { errorResult } from "./failed_result.ts";
import type { OfferedTool } from "./catalog.ts";
import { listedTool } from "./tool_listing.ts";
import type { View } from "./view.ts";
import { EVERYTHING, toolFilter } from "./view_query.ts";
import { shortened } from "../../runtime/base/cut_text.ts";

const LIMIT = { fallback: 10, max: 50 };
/** Longest description in an answer to a search, characters. */
const DESCRIPTION_MAX = 160;
/** Names that an unknown one is held against at most. */
const COMPARED_MAX = 2_000;

const SearchInput = z.object({
  query: z.string().default("").describe("Words to look for in names, tags and descriptions"),
  capability: z.string().optional()
    .describe("Only this capability; a `*` at its end stands for anything"),
  tags: z.array(z.string()).default([])
    .describe("Only tools with these tags; `-tag` leaves out those that have it"),
  limit: z.number().int().min(1).max(LIMIT.max).default(LIMIT.fallback)
    .describe("How many tools at most"),
});
const SearchOutput = z.object({
  tools: z.array(z.object({ name: z.string(), description: z.string() })),
  total: z.number().describe("How many there are, shown or not"),
});
const DescribeInput = z.object({ name: z.string().describe("Name of the tool, as found") });
const CallInput = z.object({
  name: z.string().describe("Name of the tool, as found"),
  arguments: z.record(z.string(), z.unknown()).default({})
    .describe("What the tool takes; describe_tool tells its schema"),
});

/** The three, as listed. */
export const SEARCH_TOOLS = [
  {
    name: "search_tools",
    description:
      "Finds tools of the mesh by words, capability and tags. Best matches come first; " +
      "without any words, all tools by name.",
    inputSchema: schemaOf(SearchInput),
    outputSchema: schemaOf(SearchOutput, "output"),
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  {
    name: "describe_tool",
    description: "Shows what one tool takes and answers, as JSON Schemas.",
    inputSchema: schemaOf(DescribeInput),
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  {
    name: "call_tool",
    description: "Calls one tool with its arguments and passes its result on.",
    inputSchema: schemaOf(CallInput),
  },
];

/** What a call in search mode comes to. */
export type SearchModeCall =
  | { readonly result: JsonObject }
  | { readonly offered: OfferedTool; readonly arguments: JsonObject };

/**
 * Reads a call of one of the three; two of them are answered here.
 *
 * @returns `undefined` when the name is of none of them.
 */
export function searchModeCall(
  view: View,
  name: string,
  args: unknown,
): SearchModeCall | undefined {
  switch (name) {
    case "search_tools":
      return checked(SearchInput, args, (input) => ({ result: found(view, input) }));
    case "describe_tool":
      return checked(DescribeInput, args, ({ name }) => {
        const offered = view.find(name);
        return { result: offered ? described(offered) : unknownTool(view, name) };
      });
    case "call_tool":
      return checked(CallInput, args, ({ name }) => {
        const offered = view.find(name);
        // As they came, and not as they were checked: numbers may be carried as text.
        const given = asObject(asObject(args)["arguments"]);
        return offered ? { offered, arguments: given } : { result: unknownTool(view, name) };
      });
    default:
      return undefined;
  }
}

/** The result for a tool that is not seen, with the names that may have been meant. */
export function unknownTool(view: View, name: string): JsonObject {
  const sharing = view.namesSharing(name);
  const near = sharing.length > 0 ? sharing : nearest(view, name);
  const hint = near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`;
  const problem = sharing.length > 0
    ? `Several agents offer ${JSON.stringify(name)}.`
    : `There is no tool ${JSON.stringify(name)}.`;
  return errorResult(problem + hint);
}

function nearest(view: View, name: string): string[] {
  const namesOf = (some: readonly OfferedTool[]) => some.map(({ name }) => name);
  const alike = suggest(name, namesOf(view.tools.slice(0, COMPARED_MAX)));
  return alike.length > 0 ? alike : namesOf(view.search(name, EVERYTHING).slice(0, 3));
}

function found(
  view: View,
  { query, capability, tags, limit }: z.output<typeof SearchInput>,
): JsonObject {
  const filter = toolFilter(tags, capability ? [capability] : []);
  const all = view.search(query, filter);
  const tools = all.slice(0, limit).map(({ name, tool }) => ({
    name,
    description: summary(tool.description),
  }));
  return structured({ tools, total: all.length });
}

function described(offered: OfferedTool): JsonObject {
  const { outputSchema } = offered.tool;
  return structured({ ...listedTool(offered), ...(isObject(outputSchema) && { outputSchema }) });
}

/** The first sentence or line, and not too much of it. */
function summary(description: string): string {
  const first = /^.*?(?:[.!?](?=\s)|$)/m.exec(description.trim())?.[0] ?? "";
  return shortened(first, DESCRIPTION_MAX);
}

function structured(value: JsonObject): JsonObject {
  return { content: [{ type: "text", text: JSON.stringify(value) }], structuredContent: value };
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  args: unknown,
  then: (input: z.output<Schema>) => SearchModeCall,
): SearchModeCall {
  const parsed = schema.safeParse(args ?? {});
  return parsed.success
    ? then(parsed.data)
    : { result: errorResult(`The arguments do not fit: ${z.prettifyError(parsed.error)}`) };
}

function schemaOf(schema: z.ZodType, io: "input" | "output" = "input") {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return { ...rest, type: "object" as const };
}
