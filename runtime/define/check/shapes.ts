/**
 * The keys of each definition that people write, with the kinds of their values. The compiler checks
 * these tables against the interfaces: a new key has to be entered here.
 *
 * @module
 */
import type * as z from "zod";
import type { AgentDefinition } from "../agent.ts";
import type { SamplingRequest } from "../ask.ts";
import type {
  CallOptions,
  DependencyDefinition,
  DependencyDefinitions,
  MatchMode,
} from "../dependency.ts";
import type { GatewayDefinition } from "../gateway.ts";
import { RESERVED } from "../handler_context.ts";
import type { JoinMeshDefinition } from "../join_mesh.ts";
import type {
  LlmDefinition,
  LlmOptions,
  LlmSelector,
  Media,
  ToolFilter,
  ToolFilterMode,
} from "../llm.ts";
import type { PromptDefinition } from "../prompt.ts";
import type { ResourceDefinition } from "../resource.ts";
import type { RouteDefinition } from "../route.ts";
import type { ServableDefinition } from "../servable.ts";
import type { ServeOptions } from "../serving.ts";
import type { SseOptions } from "../sse.ts";
import type { ToolAnnotations, ToolDefinition } from "../tool.ts";
import {
  amount,
  anything,
  count,
  func,
  instance,
  isRecord,
  type Kind,
  label,
  list,
  name,
  number,
  object,
  port,
  quantity,
  record,
  text,
  textOr,
  times,
  truth,
  version,
  versionRange,
  word,
} from "./kind.ts";
import { objectSchema, QUERY, READ, schema, SENT, TEXTS } from "./schema_kind.ts";
import { type MembersOf, onlyKeys, shape } from "./shape.ts";
import { plainSelectors, tagSelectors } from "./tag_kind.ts";

/** Tags that a definition has. */
export const tags: Kind<readonly string[]> = list(name, '["fast"]');
/** A list of texts. */
export const texts: Kind<readonly string[]> = list(text, '["…"]');
/** Texts by their names. */
export const textsByName: Kind<Readonly<Record<string, string>>> = record(text, "{ name: value }");
const functionsByName = record(func, "{ name: (value) => … }");

const BARE_CAPABILITY = (text: string) => `{ capability: ${JSON.stringify(text)} }`;

const DEPENDENCY = shape<DependencyDefinition>("a dependency", {
  // Empty text counts as absent; see below.
  capability: (value, place) => value === "" ? undefined : name(value, place),
  tags: tagSelectors,
  version: versionRange,
  required: truth,
  input: schema(READ),
  output: schema(READ),
  chunk: schema(READ),
  matchMode: word<MatchMode>({ subset: true, strict: true }),
  timeoutMs: amount,
}, {
  written: BARE_CAPABILITY,
  also: ({ capability, matchMode, output }, place) => {
    if (capability === undefined || capability === "") {
      place.report(
        `dependency "${place.key}" names no capability; add one, such as ` +
          BARE_CAPABILITY(place.key),
      );
    }
    if (matchMode !== undefined && output === undefined) {
      place.report(
        `dependency "${place.key}" has matchMode "${matchMode}" and no output to match; add one`,
      );
    }
  },
});

const byNameOfContext = record<DependencyDefinition>(
  DEPENDENCY,
  '{ prefs: { capability: "user_preferences" } }',
);

/** The dependencies of tools, prompts, resources, routes and gateways. */
const dependencies: Kind<DependencyDefinitions> = (value, place) => {
  byNameOfContext(value, place);
  if (!isRecord(value)) return;
  for (const name of RESERVED) {
    if (!Object.hasOwn(value, name)) continue;
    place.report(
      `a dependency cannot be called "${name}": the handler's context uses that name; ` +
        "choose another key",
    );
  }
};

const LLM_SELECTOR: MembersOf<LlmSelector> = {
  capability: name,
  tags: plainSelectors,
  version: versionRange,
};
const provider = shape<LlmSelector>("a selector of providers", LLM_SELECTOR, {
  written: (text) => `{ tags: [${JSON.stringify(text)}] }`,
});
const toolFilter = shape<Exclude<ToolFilter, string>>("a filter of tools", LLM_SELECTOR, {
  written: BARE_CAPABILITY,
});
const toolMode = word<ToolFilterMode>({ all: true, best_match: true, "*": true });

const llm = shape<LlmDefinition>("an llm definition", {
  provider,
  fallback: list(provider, '[{ tags: ["gpt"] }]'),
  system: text,
  tools: list(textOr(toolFilter), '["search"]'),
  toolMode,
  maxIterations: times,
  parallelToolCalls: truth,
  maxOutputTokens: amount,
  temperature: number,
  topP: number,
  stop: texts,
  model: text,
  modelParams: object,
  repairs: count,
}, { written: () => '{ system: "…" }' });

const annotations = shape<ToolAnnotations>("annotations", {
  readOnlyHint: truth,
  destructiveHint: truth,
  idempotentHint: truth,
  openWorldHint: truth,
}, { written: () => "{ readOnlyHint: true }" });

/** Makes the kind of the values that a function of "mesh" returns, recognised by their members. */
function made(by: string, marks: readonly string[]): Kind<object> {
  return (value, place) => {
    if (isRecord(value) && marks.every((mark) => mark in value)) return;
    place.refuse(value, `declare it with ${by}({ … }, handler)`);
  };
}

/** The members of an agent, by kind. */
export const MEMBERS = {
  tool: made("tool", ["handler", "streams"]),
  prompt: made("prompt", ["handler", "complete", "input"]),
  resource: made("resource", ["handler", "variables"]),
};

const madeRoute = made("route", ["handler", "maxBodyBytes"]);
const routeOrHandler: Kind<unknown> = (value, place) => {
  if (typeof value !== "function") madeRoute(value, place);
};

/** The definition of `tool()`. */
export const TOOL = shape<
  ToolDefinition<z.ZodObject, z.ZodType, DependencyDefinitions, LlmDefinition, z.ZodType>
>("a tool", {
  capability: name,
  title: text,
  description: text,
  tags,
  version,
  input: objectSchema(READ, "z.object({ text: z.string() })"),
  output: schema(SENT),
  chunk: schema(SENT),
  dependencies,
  llm,
  annotations,
  kwargs: object,
}, { written: () => "{ description: … }" });

/** The definition of `prompt()`. */
export const PROMPT = shape<PromptDefinition<z.ZodObject, DependencyDefinitions>>("a prompt", {
  title: text,
  description: text,
  args: objectSchema(TEXTS, "z.object({ topic: z.string() })"),
  complete: functionsByName,
  dependencies,
}, {
  also: ({ args, complete }, place) => {
    if (complete === undefined) return;
    const names = isRecord(args) && isRecord(args["shape"]) ? Object.keys(args["shape"]) : [];
    onlyKeys("an argument of the prompt", names)(complete, place.at("complete"));
  },
});

/** The definition of `resource()`. */
export const RESOURCE = shape<ResourceDefinition<string, DependencyDefinitions>>("a resource", {
  uri: text,
  title: text,
  description: text,
  mimeType: text,
  complete: functionsByName,
  dependencies,
}, { required: ["uri"], written: (text) => `{ uri: ${JSON.stringify(text)} }` });

/** The definition of `route()`. */
export const ROUTE = shape<RouteDefinition<z.ZodType, z.ZodObject, DependencyDefinitions>>(
  "a route",
  {
    description: text,
    body: schema(READ),
    query: objectSchema(QUERY, "z.object({ page: z.coerce.number() })"),
    dependencies,
    maxBodyBytes: quantity,
  },
);

/** What every member of the mesh has. */
export const SERVABLE: MembersOf<ServableDefinition> = {
  name: label("agent name"),
  port,
  version,
  description: text,
  namespace: label("namespace"),
  healthCheck: func,
  startupCheck: func,
  lifespan: func,
};

/** The definition of `agent()`. */
export const AGENT = shape<AgentDefinition>("an agent", {
  ...SERVABLE,
  // Members are checked when they are added, now or later.
  tools: record(anything, "{ greet: tool({ … }, handler) }"),
  prompts: record(anything, "{ review: prompt({ … }, handler) }"),
  resources: record(anything, "{ map: resource({ … }, handler) }"),
  instructions: text,
  sessions: truth,
}, { required: ["name"] });

/** The definition of `gateway()`. */
export const GATEWAY = shape<GatewayDefinition<Record<never, never>, DependencyDefinitions>>(
  "a gateway",
  {
    ...SERVABLE,
    routes: record(routeOrHandler, '{ "GET /": () => … }'),
    fetch: func,
    dependencies,
    maxBodyBytes: quantity,
  },
  { required: ["name"] },
);

/** The definition of `joinMesh()`. */
export const JOIN_MESH = shape<JoinMeshDefinition<DependencyDefinitions>>(
  "a definition for joinMesh",
  {
    ...SERVABLE,
    dependencies,
    healthPort: port,
    env: object,
  },
  { required: ["name", "dependencies"] },
);

/** Options of a call to a dependency. */
export const CALL_OPTIONS = shape<CallOptions>("call options", {
  signal: object,
  timeoutMs: quantity,
  headers: textsByName,
  idempotencyKey: text,
  stallMs: quantity,
});

const media = shape<Exclude<Media, string>>("media", {
  data: anything,
  mimeType: text,
  name: text,
}, { required: ["data", "mimeType"] });

/** Options of a request to a language model. */
export const LLM_OPTIONS = shape<LlmOptions>("llm options", {
  context: object,
  system: text,
  media: list(textOr(media), '["https://…"]'),
  signal: object,
  timeoutMs: quantity,
  maxIterations: times,
  maxOutputTokens: amount,
  temperature: number,
  modelParams: object,
  onToolCall: func,
});

/** The request of `sample()`. */
export const SAMPLING_REQUEST = shape<SamplingRequest>("a sampling request", {
  messages: list(
    shape<SamplingRequest["messages"][number]>("a message", {
      role: word({ user: true, assistant: true }),
      content: object,
    }, { required: ["role", "content"] }),
    '[{ role: "user", content: { type: "text", text: "…" } }]',
  ),
  maxTokens: amount,
  systemPrompt: text,
  temperature: number,
  stopSequences: texts,
  modelPreferences: object,
}, { required: ["messages", "maxTokens"] });

/** Options of `sse()`. */
export const SSE_OPTIONS = shape<SseOptions<never>>("sse options", {
  event: textOr(func),
  id: func,
  keepAliveMs: amount,
  done: truth,
  headers: anything,
  onError: func,
});

/** Options of `serve()`. */
export const SERVE_OPTIONS = shape<ServeOptions>("serve options", {
  env: object,
  listen: truth,
  handleSignals: truth,
});
