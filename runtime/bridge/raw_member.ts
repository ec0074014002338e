/**
 * What an MCP server lists, as far as it has to be understood to pass it on. What the specification does
 * not know stays; members it knows that are not as it says, such as `null`, are as if they were absent:
 * clients refuse a whole list for one of them.
 *
 * @module
 */
import * as z from "zod";
import { listedAnnotations } from "../protocol/schema/listed.ts";
import { tidied } from "../protocol/schema/tidied.ts";

const text = z.string().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const object = z.record(z.string(), z.unknown());

/** An object without the members that are absent. */
function present(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** A list without the items that are not as `item` says. */
function listOf<S extends z.ZodType>(item: S) {
  const kept = (items: unknown[]) => items.flatMap((one) => item.safeParse(one).data ?? []);
  return z.array(z.unknown()).transform(kept).optional().catch(undefined);
}

const icon = z.looseObject({
  src: z.string(),
  mimeType: text,
  sizes: z.array(z.string()).optional().catch(undefined),
  theme: z.enum(["light", "dark"]).optional().catch(undefined),
}).transform(present);

/** A tool as listed. */
export const RawToolSchema = z.looseObject({
  name: z.string().min(1),
  title: text,
  description: text,
  inputSchema: object.or(z.null().transform(() => ({}))).transform(tidied),
  outputSchema: object.transform(tidied).optional().catch(undefined),
  annotations: object.transform(listedAnnotations).optional().catch(undefined),
  icons: listOf(icon),
  execution: z.looseObject({
    taskSupport: z.enum(["required", "optional", "forbidden"]).optional().catch(undefined),
  }).optional().catch(undefined),
  _meta: object.optional().catch(undefined),
});
/** A tool as listed. */
export type RawTool = z.output<typeof RawToolSchema>;

/** A prompt as listed. */
export const RawPromptSchema = z.looseObject({
  name: z.string().min(1),
  title: text,
  description: text,
  arguments: listOf(z.object({ name: z.string(), description: text, required: flag })),
});
/** A prompt as listed. */
export type RawPrompt = z.output<typeof RawPromptSchema>;

/** A resource as listed, or a template of resources. */
export const RawResourceSchema = z.looseObject({
  name: z.string().min(1),
  title: text,
  description: text,
  mimeType: text,
  uri: text,
  uriTemplate: text,
});
/** A resource as listed, or a template of resources. */
export type RawResource = z.output<typeof RawResourceSchema>;
