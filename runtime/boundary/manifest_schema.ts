/**
 * The schema of a manifest that agent code has sent. The limits are above those of the registry, which
 * refuses in its own words what it does not take; they keep a manifest from being a burden by itself.
 *
 * @module
 */
import * as z from "zod";
import type { PublishedSchema } from "../protocol/schema/hash.ts";
import { isRecord } from "./plain_copy.ts";

/** Longest name, tag, version, URI or key of a manifest, in UTF-16 units. */
export const MANIFEST_NAME_MAX: number = 64 * 1024;
/** Longest description or instructions, in UTF-16 units. */
export const MANIFEST_TEXT_MAX: number = 1024 * 1024;
/** Most entries of one list of a manifest. */
export const MANIFEST_LIST_MAX = 10_000;

const name = z.string().max(MANIFEST_NAME_MAX);
const text = z.string().max(MANIFEST_TEXT_MAX);
const list = <S extends z.ZodType>(of: S) => z.array(of).max(MANIFEST_LIST_MAX);
const json = z.custom<Record<string, unknown>>(isRecord, "expected an object");
/** A member that is written out as `undefined` where there is nothing. */
const orNothing = <S extends z.ZodType>(of: S) => of.optional().transform((value) => value);
/** An object with all the members of the type, also those that JSON leaves out because they are nothing. */
const object = <S extends z.ZodRawShape>(shape: S) => {
  const nothing = Object.fromEntries(
    Object.entries(shape).flatMap(([key, of]) => of instanceof z.ZodPipe ? [[key, undefined]] : []),
  );
  const whole = (value: unknown) => isRecord(value) ? { ...nothing, ...value } : value;
  return z.preprocess(whole, z.object(shape));
};

const selector = object({ capability: name, tags: list(name), version: orNothing(name) });

const published: z.ZodType<PublishedSchema> = z.object({
  canonical: json,
  hash: name,
  warnings: list(text),
});

const dependency = object({
  name,
  capability: name,
  tags: list(z.union([name, list(name)])),
  version: orNothing(name),
  required: z.boolean(),
  llm: z.exactOptional(z.object({ fallback: list(selector) })),
  match: z.exactOptional(z.object({
    mode: z.enum(["subset", "strict"]),
    schema: json,
    expected: published,
  })),
});

const operation = {
  key: name,
  dependencies: list(dependency),
  toolbox: z.exactOptional(z.enum(["offered", "handed"])),
};

const filter = z.union([
  name,
  z.object({
    capability: z.exactOptional(name),
    tags: z.exactOptional(list(name)),
    version: z.exactOptional(name),
  }),
]);

const annotations = z.object({
  readOnlyHint: z.exactOptional(z.boolean()),
  destructiveHint: z.exactOptional(z.boolean()),
  idempotentHint: z.exactOptional(z.boolean()),
  openWorldHint: z.exactOptional(z.boolean()),
});

const tool = object({
  ...operation,
  name,
  capability: name,
  title: orNothing(text),
  description: text,
  tags: list(name),
  version: name,
  inputSchema: json,
  outputSchema: orNothing(json),
  chunkSchema: z.exactOptional(json),
  publishedInput: published,
  publishedOutput: orNothing(published),
  annotations: orNothing(annotations),
  listing: z.exactOptional(json),
  offered: orNothing(z.object({
    filter: list(filter),
    mode: z.enum(["all", "best_match", "*"]),
  })),
  promptFile: z.exactOptional(name),
  kwargs: orNothing(json),
});

const prompt = object({
  ...operation,
  name,
  title: orNothing(text),
  description: text,
  arguments: list(z.object({
    name,
    description: z.exactOptional(text),
    required: z.boolean(),
  })),
  completes: list(name),
});

const resource = object({
  ...operation,
  name,
  uri: name,
  isTemplate: z.boolean(),
  title: orNothing(text),
  description: text,
  mimeType: orNothing(name),
  completes: list(name),
});

const route = object({
  ...operation,
  pattern: orNothing(z.object({
    method: name,
    segments: list(z.union([
      z.strictObject({ text: name }),
      z.strictObject({ param: name, isRest: z.boolean() }),
    ])),
  })),
  description: text,
  body: z.exactOptional(json),
  maxBodyBytes: z.number(),
});

/** A manifest as agent code sends it: `AgentManifest`, in plain data. */
export const AgentManifestSchema = object({
  type: z.enum(["mcp_agent", "api"]),
  name,
  version: name,
  description: text,
  instructions: orNothing(text),
  namespace: orNothing(name),
  port: orNothing(z.number().int().min(0).max(65_535)),
  tools: list(tool),
  prompts: list(prompt),
  resources: list(resource),
  routes: list(route),
  sessions: z.boolean(),
  healthCheck: z.boolean(),
  startupCheck: z.boolean(),
  lifespan: z.boolean(),
});
