/**
 * What a resource's handler returns, as MCP `ReadResourceResult`.
 *
 * @module
 */
import { errorText, MeshError } from "../errors.ts";
import type { Outcome } from "./result.ts";

/**
 * The outcome of reading a resource.
 *
 * @param uri What was asked for.
 * @param mimeType Of text, bytes and JSON, when the resource declares one.
 * @throws {MeshError} `not_found` for `undefined`, `bad_output` for a value without a JSON form.
 */
export function encodeContents(
  returned: unknown,
  uri: string,
  mimeType: string | undefined,
): Outcome {
  if (returned === undefined) throw new MeshError("not_found", `there is no resource ${uri}`);
  if (isContents(returned)) return { kind: "result", result: { ...returned } };
  const of = (usual: string, content: { text: string } | { blob: string }): Outcome => ({
    kind: "result",
    result: { contents: [{ uri, mimeType: mimeType ?? usual, ...content }] },
  });
  if (typeof returned === "string") return of("text/plain", { text: returned });
  if (returned instanceof Uint8Array) {
    return of("application/octet-stream", { blob: returned.toBase64() });
  }
  try {
    return of("application/json", { text: JSON.stringify(returned) });
  } catch (cause) {
    throw new MeshError(
      "bad_output",
      `what is under ${uri} has no JSON form: ${
        errorText(cause)
      }; return text, bytes or plain data`,
      { cause },
    );
  }
}

function isContents(value: unknown): value is { contents: unknown[] } {
  return typeof value === "object" && value !== null && "contents" in value &&
    Array.isArray(value.contents) &&
    value.contents.every((piece) => typeof piece === "object" && piece !== null && "uri" in piece);
}
