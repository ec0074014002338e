/**
 * Results of calls that failed before an agent answered them.
 *
 * @module
 */
import type { MeshError } from "../../runtime/base/errors.ts";
import { failureMeta } from "../../runtime/base/failure.ts";
import type { JsonObject } from "../../runtime/base/json.ts";

/** The result that says a call failed: text for a model, `_meta` for programs. */
export function failedResult({ code, message, nothingRan }: MeshError): JsonObject {
  return { ...errorResult(message), _meta: failureMeta({ code, message, nothingRan }) };
}

/** A result that says something went wrong, in words. */
export function errorResult(text: string): JsonObject {
  return { content: [{ type: "text", text }], isError: true };
}
