/**
 * What an agent module says about one of its prompts.
 *
 * @module
 */
import * as z from "zod";
import { dependencyManifests } from "./dependency_manifest.ts";
import { jsonSchema } from "./json_schema.ts";
import { promptKey, type PromptManifest } from "./manifest.ts";
import type { Prompt } from "./prompt.ts";

/**
 * Describes one prompt.
 *
 * @throws {MeshError} `bad_definition` when its arguments have no JSON Schema form.
 */
export function promptManifest(name: string, prompt: Prompt): PromptManifest {
  const { properties = {}, required = [] } = PropertiesSchema.parse(
    jsonSchema(prompt.input, "input", `arguments of prompt "${name}"`),
  );
  return {
    key: promptKey(name),
    name,
    title: prompt.title,
    description: prompt.description,
    arguments: Object.entries(properties).map(([name, { description }]) => ({
      name,
      ...(description === undefined ? {} : { description }),
      required: required.includes(name),
    })),
    completes: Object.keys(prompt.complete),
    dependencies: dependencyManifests(prompt.dependencies),
  };
}

/** The part of an object's JSON Schema that the arguments of a prompt are read off. */
const PropertiesSchema = z.object({
  properties: z.record(z.string(), z.object({ description: z.string().optional() })).optional(),
  required: z.array(z.string()).optional(),
});
