#!/usr/bin/env -S deno run
/**
 * Stands in where there is no key of any language model: fixed rules that call the tools they are
 * offered, put the answers together, fill in forms, and say that no model wrote it.
 *
 * @module
 */
import { type ChatMessage, type ChatToolCall, llmProvider, type LlmTurnRequest } from "mesh";
import { excerptsOf } from "./offline/excerpts.ts";
import { type Facts, factsOf, textOf } from "./offline/facts.ts";
import { fillIn } from "./offline/form.ts";
import { itinerary, type ToolAnswer } from "./offline/itinerary.ts";
import { withNotice } from "./offline/notice.ts";
import { inferArguments } from "./offline/tool_arguments.ts";

export default llmProvider({
  name: "offline-provider",
  port: 9114,
  tags: ["offline"],
  description: "Stands in for a language model by fixed rules",
  engine: {
    async turn(request, { signal, onText }) {
      const facts = factsOf(request.messages);
      const asked = sinceLastQuestion(request.messages);
      const toolCalls = asked.length === 0 ? callsOf(request, facts) : [];
      const text = toolCalls.length > 0 ? "" : answer(request, facts, answersOf(asked));
      for (const word of text.match(/\S+\s*/g) ?? []) {
        signal.throwIfAborted();
        await onText?.(word);
      }
      return {
        text,
        toolCalls,
        finishReason: toolCalls.length > 0 ? "tool_calls" : "stop",
        // Tokens are of language models.
        usage: { prompt_tokens: 0, completion_tokens: 0 },
        model: "offline/rules",
      };
    },
  },
});

/** What was said after the user's last message: nothing before the tools were asked. */
function sinceLastQuestion(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return messages.slice(messages.findLastIndex(({ role }) => role === "user") + 1);
}

/** A call of every tool whose arguments can be inferred. */
function callsOf({ tools }: LlmTurnRequest, facts: Facts): ChatToolCall[] {
  return tools.flatMap((tool, index) => {
    const args = inferArguments(tool, facts);
    if (args === undefined) return [];
    const { name } = tool.function;
    const called = { name, arguments: JSON.stringify(args) };
    return [{ id: `call${index + 1}`, type: "function" as const, function: called }];
  });
}

/** The tools' answers, each beside what was asked. */
function answersOf(messages: readonly ChatMessage[]): ToolAnswer[] {
  const calls = new Map(
    messages.flatMap(({ tool_calls = [] }) => tool_calls).map((call) => [call.id, call]),
  );
  return messages.filter(({ role }) => role === "tool").map((message) => {
    const { name = "a tool", arguments: args = "{}" } = calls.get(message.tool_call_id ?? "")
      ?.function ?? {};
    const value = valueOf(textOf(message));
    return { name, args: Object.fromEntries(Object.entries(valueOf(args) ?? {})), value };
  });
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function answer({ params }: LlmTurnRequest, facts: Facts, answers: readonly ToolAnswer[]): string {
  const { output_schema: schema, output_mode: mode } = params;
  if (schema === undefined || mode === "text") return itinerary(facts, answers);
  return JSON.stringify(withNotice(schema, fillIn(schema, facts, excerptsOf(facts.material))));
}
