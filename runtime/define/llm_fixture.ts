/**
 * A provider of a language model that answers what a test says.
 *
 * @module
 */
import * as z from "zod";
import { type Agent, agent } from "./agent.ts";
import { tool } from "./tool.ts";
import { type LlmRequest, LlmRequestSchema, writeFrame } from "./contract.ts";
import { STREAM_TAG } from "./stream_tag.ts";

/** What the provider answers: text, a whole reply, or what it makes of the request. */
export type Scripted =
  | string
  | Readonly<Record<string, unknown>>
  | ((request: LlmRequest) => string | Readonly<Record<string, unknown>>);

/** A scripted provider. */
export interface ScriptedProvider {
  readonly agent: Agent;
  /** What it was asked, oldest first. */
  readonly requests: LlmRequest[];
  /** What it answers, each once, the last one for ever. */
  script: Scripted[];
}

/** @param tags Of its tool. */
export function scriptedProvider(
  name: string,
  script: Scripted[],
  { tags = [], streams = true }: { tags?: readonly string[]; streams?: boolean } = {},
): ScriptedProvider {
  const requests: LlmRequest[] = [];
  const provider = { requests, script };
  const answer = (request: LlmRequest): Readonly<Record<string, unknown>> => {
    requests.push(request);
    const [next = ""] = provider.script.length > 1 ? provider.script.splice(0, 1) : provider.script;
    const made = typeof next === "function" ? next(request) : next;
    return typeof made === "string" ? reply(made) : made;
  };
  const input = z.object({ request: LlmRequestSchema });
  return Object.assign(provider, {
    agent: agent({
      name,
      tools: {
        process_chat: tool(
          { capability: "llm", tags: ["llm", ...tags], input },
          ({ request }) => answer(request),
        ),
        ...(streams && {
          process_chat_stream: tool(
            { capability: "llm", tags: ["llm", STREAM_TAG, ...tags], input },
            async function* ({ request }) {
              const { content, tool_calls, ...rest } = answer(request);
              for (const word of String(content).split(/(?<= )/)) {
                yield writeFrame({ _mesh_frame: "chunk", content: word });
              }
              yield writeFrame(
                {
                  _mesh_frame: "end",
                  usage: rest["_mesh_usage"],
                  finish_reason: rest["_mesh_finish_reason"],
                  stop_reason: rest["_mesh_stop_reason"],
                  turns: rest["_mesh_turns"],
                  tool_calls,
                } as Parameters<typeof writeFrame>[0],
              );
            },
          ),
        }),
      },
    }),
  });
}

/** A reply of three tokens in and two out. */
export function reply(
  content: unknown,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    role: "assistant",
    content,
    _mesh_usage: { prompt_tokens: 3, completion_tokens: 2, model: "scripted-1" },
    ...more,
  };
}

/** A reply that leaves calls of tools to whoever asked. */
export function callsFor(...calls: [name: string, args: unknown][]) {
  return reply("", {
    tool_calls: calls.map(([name, args], index) => ({
      id: `call-${index}`,
      type: "function",
      function: { name, arguments: JSON.stringify(args) },
    })),
  });
}
