/**
 * The keys of the testing kit's options, with the kinds of their values.
 *
 * @module
 */
import {
  anything,
  count,
  func,
  type Kind,
  list,
  name,
  object,
  quantity,
  record,
  text,
  textOr,
  truth,
  version,
} from "../define/check/kind.ts";
import { schema, SENT } from "../define/check/schema_kind.ts";
import { shape } from "../define/check/shape.ts";
import type { FakeOptions, JoinOptions, TestCallOptions } from "./mesh.ts";
import { suggest } from "../base/suggest.ts";
import { type HabitName, HABITS } from "./habits.ts";
import type { ScriptedLlmOptions } from "./scripted_llm.ts";
import type { ScriptedStep, ScriptedToolCall } from "./scripted_step.ts";

/** Options of `join()`. */
export const JOIN_OPTIONS = shape<JoinOptions>("join options", {
  id: text,
  env: record(text, '{ MCP_MESH_SETTLE_TIMEOUT: "1" }'),
  log: func,
});

/** Options of `fake()`. */
export const FAKE_OPTIONS = shape<FakeOptions>("fake options", {
  tags: list(name, '["fast"]'),
  version,
  name: text,
  output: schema(SENT),
  chunk: schema(SENT),
});

/** Options of `call()`. */
export const TEST_CALL_OPTIONS = shape<TestCallOptions>("call options", {
  signal: object,
  timeoutMs: quantity,
  headers: record(text, "{ name: value }"),
  onChunk: func,
});

const toolCall = shape<ScriptedToolCall>("a tool call", {
  name: text,
  arguments: textOr(object),
  id: text,
  extra: object,
}, { required: ["name", "arguments"] });

/** One habit of a vendor, or several. */
const habit: Kind<HabitName | readonly HabitName[]> = (value, place) => {
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  const wrong = names.find((name) => typeof name !== "string" || !Object.hasOwn(HABITS, name));
  if (wrong === undefined) return;
  const alike = typeof wrong === "string" ? suggest(wrong, Object.keys(HABITS)) : [];
  const such = alike.length === 0 ? "" : `, such as ${alike.join(" or ")}`;
  place.refuse(wrong, `write the name of a habit${such}; meshctl man habits lists them`);
};

/** One step of a script. */
export const SCRIPTED_STEP = shape<ScriptedStep>("a step", {
  when: anything,
  text: anything,
  slow: truth,
  toolCalls: list(toolCall, '[{ name: "search", arguments: {} }]'),
  json: anything,
  refusal: text,
  status: count,
  error: text,
  errorFields: object,
  headers: record(text, "{ name: value }"),
  malformed: text,
  cut: truth,
  unfinished: truth,
  hang: truth,
  finishReason: text,
  usage: object,
  extra: object,
  habit,
});

/** Options of `scriptedLlm()`. */
export const SCRIPTED_LLM_OPTIONS = shape<ScriptedLlmOptions>("scriptedLlm options", {
  otherwise: SCRIPTED_STEP,
  key: text,
  habit,
  record: truth,
});
