/**
 * What an MCP server lists, as far as it has to be understood to pass it on. Nothing that is not
 * understood is dropped.
 *
 * @module
 */
import * as z from "zod";

const text = z.string().optional().catch(undefined);
const object = z.record(z.string(), z.unknown());

/** A tool as listed. */
export const RawToolSchema = z.looseObject({
  name: z.string().min(1),
  title: text,
  description: text,
  inputSchema: object,
  outputSchema: object.optional(),
  annotations: object.optional().catch(undefined),
  execution: z.looseObject({ taskSupport: text }).optional().catch(undefined),
});
/** A tool as listed. */
export type RawTool = z.output<typeof RawToolSchema>;

/** A prompt as listed. */
export const RawPromptSchema = z.looseObject({
  name: z.string().min(1),
  title: text,
  description: text,
  arguments: z.array(z.object({
    name: z.string(),
    description: text,
    required: z.boolean().optional().catch(undefined),
  })).optional().catch(undefined),
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
