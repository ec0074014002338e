/**
 * Parts that the definitions of several things have: their keys, with the kinds of their values. The
 * table of a definition stands beside its interface, and the compiler holds it to that.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import type { DependencyDefinition, DependencyDefinitions, MatchMode } from "../dependency.ts";
import { RESERVED } from "../handler_context.ts";
import type { LlmDefinition, LlmSelector, ToolFilter, ToolFilterMode } from "../llm.ts";
import {
  amount,
  count,
  type Kind,
  list,
  name,
  number,
  object,
  record,
  text,
  textOr,
  times,
  truth,
  versionRange,
  word,
} from "./kind.ts";
import { READ, schema } from "./schema_kind.ts";
import { type MembersOf, shape } from "./shape.ts";
import { plainSelectors, tagSelectors } from "./tag_kind.ts";
import { texts } from "./lists.ts";

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
export const dependencies: Kind<DependencyDefinitions> = (value, place) => {
  byNameOfContext(value, place);
  if (!isObject(value)) return;
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

/** The definition of the language model of a tool. */
export const llm = shape<LlmDefinition>("an llm definition", {
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
