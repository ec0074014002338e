/**
 * The conversation a provider has with its engine: turn, tools, turn, until there is an answer
 * (sdk §2.5, §2.7). Knows nothing of vendors, addresses or frames.
 *
 * @module
 */
import { asObject } from "../../base/json.ts";
import { errorText, isMeshError, MeshError } from "../../base/errors.ts";
import type {
  ChatMessage,
  ChatToolCall,
  FinishReason,
  ToolCallRecord,
  TurnRecord,
  Usage,
} from "../../define/contract.ts";
import { argumentsIn } from "../wire/call_arguments.ts";
import type { LlmEngine, LlmTurn, LlmTurnOptions, LlmTurnRequest } from "../engine/engine.ts";
import { toolContent } from "../wire/tool_content.ts";

/** What a conversation needs. */
export interface ConversationOptions extends LlmTurnOptions {
  readonly engine: Pick<LlmEngine, "turn">;
  /** Most turns. */
  readonly maxIterations: number;
  /**
   * Calls a tool; what it throws is told to the model. `undefined` for a tool that cannot be called
   * from here.
   */
  toolOf(name: string): ((args: Record<string, unknown>) => Promise<unknown>) | undefined;
  /** Milliseconds, monotonic. @default performance.now */
  readonly now?: () => number;
}

/** What a conversation came to. */
export interface Conversation {
  /** Text of the last turn. */
  readonly text: string;
  readonly finishReason: FinishReason;
  /** Calls of the last turn that the caller is to run. */
  readonly toolCalls: readonly ChatToolCall[];
  /** Of all turns. */
  readonly usage: Usage;
  /** The model of the last turn. */
  readonly model: string;
  readonly turns: readonly TurnRecord[];
  /** What the turns before the last one added to the conversation. */
  readonly added: readonly ChatMessage[];
}

/**
 * Has a conversation.
 *
 * @throws {MeshError} What the engine throws; `llm_upstream` tells in `details.tools_called` how many
 * tools have run by then. The reason of the signal.
 */
export async function converse(
  request: LlmTurnRequest,
  options: ConversationOptions,
): Promise<Conversation> {
  const { maxIterations, now = () => performance.now() } = options;
  const turns: TurnRecord[] = [];
  const added: ChatMessage[] = [];
  for (;;) {
    const started = now();
    const messages = [...request.messages, ...added];
    const turn = await ask({ ...request, messages }, options, turns);
    const record = recordOf(turn, now() - started);
    turns.push(record);
    const finishReason = endOf(turn, request, options, turns.length >= maxIterations);
    if (finishReason !== undefined) {
      const isOthers = finishReason === "tool_calls";
      const left = isOthers ? turn.toolCalls : [];
      // Nobody would tell the model what came of them.
      const unrun = isOthers || finishReason === "max_iterations" ? turn.toolCalls : [];
      record.tool_calls.push(...unrun.map(unresolved));
      const { text, model } = turn;
      return { text, finishReason, toolCalls: left, usage: sum(turns), model, turns, added };
    }
    const results = await runTools(turn.toolCalls, request, options, now);
    options.signal.throwIfAborted();
    record.tool_calls.push(...results.map(({ record }) => record));
    added.push(messageOf(turn), ...results.map(({ message }) => message));
  }
}

async function ask(
  request: LlmTurnRequest,
  { engine, signal, onText, log }: ConversationOptions,
  turns: readonly TurnRecord[],
): Promise<LlmTurn> {
  try {
    return await engine.turn(request, { signal, onText, log });
  } catch (error) {
    if (!isMeshError(error, "llm_upstream")) throw error;
    const given = asObject(error.details);
    const tools_called = turns.flatMap(({ tool_calls }) => tool_calls).length;
    throw new MeshError(error.code, error.message, {
      cause: error,
      details: { ...given, tools_called },
    });
  }
}

/** Why a turn is the last one; `undefined` when its tools are to be run and the model asked again. */
function endOf(
  { toolCalls, finishReason }: LlmTurn,
  { tools }: LlmTurnRequest,
  { toolOf }: ConversationOptions,
  isLast: boolean,
): FinishReason | undefined {
  // Calls that were cut short are no calls.
  if (toolCalls.length === 0 || finishReason === "length") return finishReason;
  const offered = new Set(tools.map(({ function: { name } }) => name));
  const isOthers = ({ function: { name } }: ChatToolCall) =>
    offered.has(name) && toolOf(name) === undefined;
  // Their results belong together: if one is not ours to run, none is.
  if (toolCalls.some(isOthers)) return "tool_calls";
  return isLast ? "max_iterations" : undefined;
}

interface ToolResult {
  readonly message: ChatMessage;
  readonly record: ToolCallRecord;
}

/** Runs the calls of one turn; side by side if the consumer allows it, results in order anyway. */
async function runTools(
  calls: readonly ChatToolCall[],
  { tools, params }: LlmTurnRequest,
  options: ConversationOptions,
  now: () => number,
): Promise<ToolResult[]> {
  const names = tools.map(({ function: { name } }) => name);
  const run = (call: ChatToolCall) => runTool(call, names, options, now);
  if (params.parallel_tool_calls === true) return await Promise.all(calls.map(run));
  const results: ToolResult[] = [];
  for (const call of calls) results.push(await run(call));
  return results;
}

async function runTool(
  { id, function: { name, arguments: text } }: ChatToolCall,
  names: readonly string[],
  { toolOf, signal, log }: ConversationOptions,
  now: () => number,
): Promise<ToolResult> {
  const started = now();
  let args: unknown = text;
  try {
    const given = argumentsIn(text);
    args = given;
    const call = toolOf(name);
    if (call === undefined) {
      throw new Error(`there is no tool "${name}"; there is ${names.join(", ") || "none"}`);
    }
    const content = toolContent(await call(given));
    const record = { name, arguments: args, outcome: "ok" as const, duration_ms: now() - started };
    return { record, message: { role: "tool", tool_call_id: id, content } };
  } catch (error) {
    // Nobody waits for what the model would make of it.
    signal.throwIfAborted();
    const said = errorText(error);
    log?.debug(`tool ${name} failed: ${said}`);
    return {
      record: {
        name,
        arguments: args,
        outcome: "failed",
        error: said,
        duration_ms: now() - started,
      },
      message: { role: "tool", tool_call_id: id, content: JSON.stringify({ error: said }) },
    };
  }
}

function messageOf({ text, toolCalls, extra }: LlmTurn): ChatMessage {
  return { ...extra, role: "assistant", content: text, tool_calls: toolCalls };
}

function recordOf({ model, finishReason, usage }: LlmTurn, duration_ms: number): TurnRecord {
  return { model, finish_reason: finishReason, ...usage, duration_ms, tool_calls: [] };
}

function unresolved({ function: { name, arguments: text } }: ChatToolCall): ToolCallRecord {
  return { name, arguments: text, outcome: "unresolved" };
}

function sum(turns: readonly TurnRecord[]): Usage {
  return {
    prompt_tokens: turns.reduce((sum, { prompt_tokens }) => sum + prompt_tokens, 0),
    completion_tokens: turns.reduce((sum, { completion_tokens }) => sum + completion_tokens, 0),
  };
}
