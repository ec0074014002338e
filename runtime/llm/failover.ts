/**
 * Failover between providers of language models. A request is given to the next provider only while
 * nothing of it has been done: a model that called tools may have booked something.
 *
 * @module
 */
import * as z from "zod";
import type { Target } from "../dependency.ts";
import type { MeshError, MeshErrorCode } from "../errors.ts";
import { handedTools } from "./toolbox.ts";

/** Failures after which nobody can say what was done. */
const UNKNOWN: ReadonlySet<MeshErrorCode> = new Set(["interrupted", "host_crashed"]);
/** Failures of providers that are not ours and have no codes. */
const FOREIGN: ReadonlySet<MeshErrorCode> = new Set(["tool_failed", "protocol"]);

/** What our providers say of a failed vendor. */
const UpstreamSchema = z.looseObject({ tools_called: z.int().nonnegative() });

/**
 * Whether another provider may be asked after a failure.
 *
 * @param target The provider that failed.
 * @param args What it was asked.
 */
export function mayAskAnother(
  { code, details }: MeshError,
  target: Target,
  args: Record<string, unknown>,
): boolean {
  switch (code) {
    case "unreachable":
    case "overloaded":
    case "not_found":
      return true;
    case "llm_upstream":
      return UpstreamSchema.safeParse(details).data?.tools_called === 0 || !hasTools(args);
    default:
      return (UNKNOWN.has(code) || (target.runtime !== "deno" && FOREIGN.has(code))) &&
        !hasTools(args);
  }
}

function hasTools(args: Record<string, unknown>): boolean {
  return handedTools(args).length > 0;
}
