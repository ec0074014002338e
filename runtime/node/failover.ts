/**
 * Failover between providers of language models. A request is given to the next provider only while
 * nothing of it has been done: a model that called tools may have booked something.
 *
 * @module
 */
import { detailOf } from "../base/error_details.ts";
import type { Target } from "../define/dependency.ts";
import type { MeshError, MeshErrorCode } from "../base/errors.ts";
import { resendOf } from "../base/resend.ts";
import { readHandedTools } from "../define/handed_tools.ts";

/** Failures after which nobody can say what was done. */
const UNKNOWN: ReadonlySet<MeshErrorCode> = new Set([
  "unreachable",
  "interrupted",
  "overloaded",
  "host_crashed",
  "not_found",
]);
/** Failures of providers that are not ours and have no codes. */
const FOREIGN: ReadonlySet<MeshErrorCode> = new Set(["tool_failed", "protocol"]);

/**
 * Whether another provider may be asked after a failure.
 *
 * @param target The provider that failed.
 * @param args What it was asked.
 */
export function mayAskAnother(
  failure: MeshError,
  target: Target,
  args: Record<string, unknown>,
): boolean {
  const { code, nothingRan } = failure;
  if (resendOf(failure) === "elsewhere" || (nothingRan && code === "not_found")) return true;
  if (code === "llm_upstream" && detailOf(failure, "tools_called") === 0) return true;
  // A model that only answered has done nothing but cost.
  const isUnknown = code === "llm_upstream" || UNKNOWN.has(code) ||
    (target.runtime !== "deno" && FOREIGN.has(code));
  return isUnknown && !hasTools(args);
}

function hasTools(args: Record<string, unknown>): boolean {
  return readHandedTools(args).length > 0;
}
