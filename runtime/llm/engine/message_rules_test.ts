import assert from "node:assert/strict";
import {
  mendedMessages,
  MESSAGE_RULES,
  type MessageRule,
  type WireMessage,
} from "./message_rules.ts";
import { STANDARD, type Traits } from "./vendors.ts";
import { ruleMissed, wireRules } from "./wire_rules.ts";

for (const rule of MESSAGE_RULES as readonly MessageRule[]) {
  Deno.test(`mendedMessages() mends what ${rule.vendor} refuses by the rule ${rule.name}`, () => {
    const mended = mendedMessages(rule.refused, [rule]);
    assert.notDeepEqual(mended, rule.refused);
    assert.deepEqual(mendedMessages(mended, [rule]), mended, "nothing is left to mend");
  });
  Deno.test(`ruleMissed() knows the rule ${rule.name} by its words`, () => {
    assert.equal(ruleMissed(rule.said, []), rule.name);
    assert.equal(ruleMissed(rule.said, [rule.name]), undefined);
  });
}

const CALL = { id: "1", type: "function", function: { name: "t", arguments: "{}" } };

const rows: [
  name: string,
  traits: Partial<Traits>,
  messages: WireMessage[],
  expected: unknown[],
][] = [
  ["all as it is for OpenAI", { developerRole: true }, [
    { role: "developer", content: "" },
    { role: "user", name: "ada", content: "" },
    { role: "user", content: "b" },
    { role: "system", content: "c" },
  ], [
    { role: "developer", content: "" },
    { role: "user", name: "ada", content: "" },
    { role: "user", content: "b" },
    { role: "system", content: "c" },
  ]],
  ["empty texts", { emptyTexts: false }, [
    { role: "system", content: " " },
    { role: "user", content: "" },
    { role: "assistant", content: "" },
    { role: "assistant", content: "", tool_calls: [CALL] },
    { role: "tool", tool_call_id: "1", content: "\n" },
    { role: "user", content: [{ type: "text", text: "" }] },
    { role: "user", content: [{ type: "text", text: "" }, { type: "image_url" }] },
  ], [
    { role: "user", content: "(empty)" },
    { role: "assistant", content: null, tool_calls: [CALL] },
    { role: "tool", tool_call_id: "1", content: "(empty)" },
    { role: "user", content: "(empty)" },
    { role: "user", content: [{ type: "image_url" }] },
  ]],
  ["an order that alternates", { order: "alternating" }, [
    { role: "system", content: "a" },
    { role: "user", content: "b" },
    { role: "user", content: [{ type: "image_url" }] },
    { role: "assistant", content: "c" },
    { role: "assistant", content: null, tool_calls: [CALL] },
    { role: "tool", tool_call_id: "1", content: "d" },
    { role: "user", content: "e" },
    { role: "system", content: "f" },
    { role: "user", content: "g" },
  ], [
    { role: "system", content: "a\n\nf" },
    { role: "user", content: [{ type: "text", text: "b" }, { type: "image_url" }] },
    { role: "assistant", content: "c" },
    { role: "assistant", content: null, tool_calls: [CALL] },
    { role: "tool", tool_call_id: "1", content: "d" },
    { role: "assistant", content: "I have seen this." },
    { role: "user", content: "e\n\ng" },
  ]],
  ["results with their calls, in their order", {}, [
    { role: "tool", tool_call_id: "0", content: "forgotten" },
    { role: "assistant", content: null, tool_calls: [CALL, { ...CALL, id: "2" }] },
    { role: "tool", tool_call_id: "2", content: "b" },
    { role: "user", content: "c" },
    { role: "tool", tool_call_id: "1", content: "a" },
    { role: "tool", tool_call_id: "1", content: "a again" },
    { role: "assistant", content: null, tool_calls: [CALL] },
  ], [
    { role: "assistant", content: null, tool_calls: [CALL, { ...CALL, id: "2" }] },
    { role: "tool", tool_call_id: "1", content: "a" },
    { role: "tool", tool_call_id: "2", content: "b" },
    { role: "user", content: "c" },
    { role: "assistant", content: null, tool_calls: [CALL] },
    { role: "tool", tool_call_id: "1", content: "(no result)" },
  ]],
  ["no answers that are empty for Mistral", { order: "answer-after-tool" }, [
    { role: "user", content: "a" },
    { role: "assistant", content: "" },
    { role: "assistant", content: null },
    { role: "user", content: "b" },
  ], [{ role: "user", content: "a" }, { role: "user", content: "b" }]],
  ["a name of nothing but marks", {}, [{ role: "user", name: "< >", content: "a" }], [
    { role: "user", name: "_", content: "a" },
  ]],
  ["a long name", {}, [{ role: "user", name: "x".repeat(70), content: "a" }], [
    { role: "user", name: "x".repeat(64), content: "a" },
  ]],
];

for (const [name, traits, messages, expected] of rows) {
  Deno.test(`mendedMessages() leaves ${name}`, () => {
    const { messages: rules } = wireRules({ ...STANDARD, ...traits });
    assert.deepEqual(mendedMessages(messages, rules), expected);
  });
}

Deno.test("wireRules() has what an endpoint was found to have", () => {
  const names = wireRules(STANDARD, new Set(["alternation"])).messages.map(({ name }) => name);
  assert.deepEqual(names, ["developer-role", "calls-and-results", "names", "alternation"]);
});
