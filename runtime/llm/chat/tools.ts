/**
 * The tools of a language model on its consumer's side: running those that the provider leaves to it.
 *
 * @module
 */
import { errorText } from "../../base/errors.ts";
import { argumentsIn } from "../wire/call_arguments.ts";
import type { ChatMessage, ChatToolCall } from "../../define/contract.ts";
import type { LlmOptions } from "../../define/llm.ts";
import { toolContent } from "../wire/tool_content.ts";
import type { Toolbox } from "../../define/toolbox.ts";

/** How the tools of one turn are run. */
export interface ToolRun {
  readonly toolbox: Toolbox;
  /** Side by side. */
  readonly parallel: boolean;
  readonly signal: AbortSignal;
  readonly onToolCall: LlmOptions["onToolCall"];
}

/** Runs the calls of one turn. What fails is told to the model, who may know better. */
export async function runToolCalls(
  calls: readonly ChatToolCall[],
  run: ToolRun,
): Promise<ChatMessage[]> {
  if (run.parallel) return await Promise.all(calls.map((call) => runToolCall(call, run)));
  const results: ChatMessage[] = [];
  for (const call of calls) results.push(await runToolCall(call, run));
  return results;
}

async function runToolCall(call: ChatToolCall, run: ToolRun): Promise<ChatMessage> {
  const content = await contentOf(call, run).catch((error) => {
    // Whoever gave up wants no answer.
    run.signal.throwIfAborted();
    return failed(errorText(error));
  });
  return { role: "tool", tool_call_id: call.id, content };
}

async function contentOf(
  { function: { name, arguments: text } }: ChatToolCall,
  { toolbox, signal, onToolCall }: ToolRun,
): Promise<ChatMessage["content"]> {
  const tool = toolbox.get(name) ??
    [...toolbox.values()].find(({ target }) => target.tool === name);
  if (tool === undefined) return failed(`there is no tool "${name}"`);
  const args = argumentsIn(text);
  const approval = await onToolCall?.({ name, args: JSON.parse(JSON.stringify(args)) }) ?? "allow";
  if (typeof approval === "object" && "deny" in approval) {
    return failed(`not allowed: ${approval.deny}`);
  }
  const value = await tool.call(approval === "allow" ? args : approval.args, {
    signal,
    exact: true,
  });
  return toolContent(value);
}

function failed(error: string): string {
  return JSON.stringify({ error });
}
