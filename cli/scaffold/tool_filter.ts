/**
 * Which tools a model may call, as written on a command line.
 *
 * @module
 */
import * as z from "zod";
import { usageError } from "../base/exit.ts";
import type { ToolFilterPlan } from "./agent_plan.ts";

const Filter = z.union([
  z.literal("*"),
  z.string().min(1).transform((capability) => ({ capability })),
  z.strictObject({
    capability: z.string().min(1).exactOptional(),
    tags: z.array(z.string().min(1)).min(1).exactOptional(),
  }).refine(({ capability, tags }) => capability !== undefined || tags !== undefined),
]);
const Filters = z.union([z.array(Filter), Filter.transform((filter) => [filter])]);

/**
 * Reads a filter: `*`, the name of a capability, or JSON, `{"capability", "tags"}` or a list of these.
 *
 * @throws {CliError} exit 2.
 */
export function parseToolFilter(text: string): ToolFilterPlan[] {
  const filters = Filters.safeParse(/^\s*[[{]/.test(text) ? parsedJson(text) : text.trim());
  if (filters.success) return filters.data;
  throw usageError(
    `--filter is ${text}`,
    'Write *, a capability, or JSON such as {"capability":"weather"} or {"tags":["travel"]}.',
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
