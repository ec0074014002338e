/**
 * What is shown of a tool's answer: the value alone, the MCP result, or a document for scripts.
 *
 * @module
 */
import { isMeshError } from "../../runtime/base/errors.ts";
import { decodeResult } from "../../runtime/boundary/result.ts";
import type { CallToolResult } from "../../runtime/protocol/mcp_content.ts";
import { type Failure, failureIn } from "../../runtime/base/failure.ts";
import type { RpcError } from "../../runtime/base/mcp_request.ts";
import { indentedText, inLine } from "../../runtime/base/visible.ts";
import type { Context, Output } from "../app/context.ts";
import { CliError, EXIT, type ExitCode } from "../base/exit.ts";
import type { McpAnswer } from "../mesh/mcp_request.ts";
import { jsonLine, jsonOf, jsonText } from "../output/json.ts";
import type { ToolRoute } from "./tool_route.ts";

/** The forms an answer is shown in. */
export const CALL_FORMS = ["value", "envelope", "json"] as const;
/** One of {@linkcode CALL_FORMS}. */
export type CallForm = typeof CALL_FORMS[number];

/** An answer to a call. */
export interface CallAnswer {
  answer: McpAnswer;
  /** How long it took, milliseconds. */
  durationMs: number;
}

/** How a call came out. */
export type CallOutcome =
  | { ok: true; value: unknown }
  | { ok: false; code: string; message: string; exit: ExitCode };

/** Reads an answer. */
export function callOutcome(tool: string, { answer }: CallAnswer): CallOutcome {
  if (answer.kind === "error") {
    const { code, message } = rpcFailure(tool, answer.error);
    const told = toldFailure(answer.error)?.code ?? String(answer.error.code);
    return { ok: false, code: told, message, exit: code };
  }
  try {
    // What came over the wire is read as a result by a function that takes anything for one.
    return { ok: true, value: decodeResult(answer.result as CallToolResult) };
  } catch (error) {
    if (!isMeshError(error)) throw error;
    return { ok: false, code: error.code, message: error.message, exit: EXIT.toolError };
  }
}

/** How an answer is shown. */
export interface AnswerViewOptions {
  form: CallForm;
  /** On one line. */
  compact: boolean;
  /** The chunks of the value have been shown already. */
  streamed?: boolean;
}

/**
 * Shows an answer.
 *
 * @throws {CliError} exit 3 or 5 with what an agent says that refused the call.
 */
export function showAnswer(
  context: Pick<Context, "stdout" | "stderr">,
  route: ToolRoute,
  answered: CallAnswer,
  { form, compact, streamed = false }: AnswerViewOptions,
): ExitCode {
  const { answer } = answered;
  const outcome = callOutcome(route.tool, answered);
  const print = (document: unknown) => context.stdout.write(jsonOf(document, compact ? 0 : 2));
  if (form === "json") {
    const document = callDocument(route, answered);
    context.stdout.write(compact ? jsonLine(document) : jsonText(document));
    return outcome.ok ? EXIT.ok : outcome.exit;
  }
  if (answer.kind === "error") throw rpcFailure(route.tool, answer.error);
  if (form === "envelope") {
    print(answer.result);
    return answer.result["isError"] === true ? EXIT.toolError : EXIT.ok;
  }
  if (!outcome.ok) throw failed(route.tool, outcome.message, outcome.exit);
  if (streamed) return EXIT.ok;
  if (typeof outcome.value === "string") writeText(context.stdout, `${outcome.value}\n`);
  else print(outcome.value);
  return EXIT.ok;
}

/** Writes a text that is the value of a tool: to a program as it is. */
export function writeText(stdout: Output, text: string): void {
  if (stdout.columns === undefined) stdout.raw(text);
  else stdout.write(text);
}

/** Lines of a message that an agent has written do not pass for lines of ours. */
function failed(tool: string, message: string, exit: ExitCode): CliError {
  return new CliError(exit, inLine`${tool} failed: ` + indentedText(message));
}

/** The document of `-o json`. */
export function callDocument({ tool, agentId }: ToolRoute, answered: CallAnswer) {
  const outcome = callOutcome(tool, answered);
  return {
    tool,
    agent_id: agentId ?? null,
    ok: outcome.ok,
    value: outcome.ok ? outcome.value : null,
    error: outcome.ok ? null : { code: outcome.code, message: outcome.message },
    duration_ms: Math.round(answered.durationMs * 10) / 10,
  };
}

/** The failure of the mesh that a JSON-RPC error tells of, if it does. */
function toldFailure({ data, message }: RpcError): Failure | undefined {
  return typeof data === "object" && data !== null
    // The line above leaves an object.
    ? failureIn(data as Readonly<Record<string, unknown>>, message)
    : undefined;
}

function rpcFailure(name: string, error: RpcError): CliError {
  const { code, message, data } = error;
  const told = toldFailure(error);
  if (told !== undefined) {
    return failed(name, told.message, told.code === "not_found" ? EXIT.notFound : EXIT.failure);
  }
  const detail = data === undefined || JSON.stringify(message).includes(String(data))
    ? ""
    : `: ${typeof data === "string" ? data : JSON.stringify(data)}`;
  const unknown = code === -32601 || /unknown tool|tool .*not found/i.test(message);
  return new CliError(
    unknown ? EXIT.notFound : EXIT.toolError,
    inLine`${name} was refused: ` + indentedText(message + detail) + ` (code ${code})`,
    { hint: inLine`See what it takes with \`list --tools=${name}\`.` },
  );
}
