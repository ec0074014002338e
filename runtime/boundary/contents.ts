/**
 * What a resource's handler returns, as MCP `ReadResourceResult`.
 *
 * @module
 */
import { isObject } from "../base/json.ts";
import { MeshError } from "../base/errors.ts";
import { after, bytesOf, type FormOf, isBytes, jsonForm, jsonText } from "../base/json_form.ts";
import type { Outcome } from "./result.ts";

/**
 * The outcome of reading a resource.
 *
 * @param uri What was asked for.
 * @param mimeType Of text, bytes and JSON, when the resource declares one.
 * @returns A promise when there are Blobs to read.
 * @throws {MeshError} `not_found` for `undefined`, `bad_output` for a value without a JSON form.
 */
export function encodeContents(
  returned: unknown,
  uri: string,
  mimeType: string | undefined,
): Outcome | Promise<Outcome> {
  if (returned === undefined) throw new MeshError("not_found", `there is no resource ${uri}`);
  const form: FormOf = { code: "bad_output", what: `what is under ${uri}` };
  if (isContents(returned)) {
    // Its form has the members it has.
    const contents = jsonForm(returned, form) as Contents | Promise<Contents>;
    return after(contents, (contents) => ({ kind: "result", result: { ...contents } }));
  }
  const of = (usual: string, content: { text: string } | { blob: string }): Outcome => ({
    kind: "result",
    result: { contents: [{ uri, mimeType: mimeType ?? usual, ...content }] },
  });
  if (typeof returned === "string") return of("text/plain", { text: returned });
  if (isBytes(returned)) {
    const type = returned instanceof Blob && returned.type || "application/octet-stream";
    return after(bytesOf(returned), (bytes) => of(type, { blob: bytes.toBase64() }));
  }
  return after(jsonText(returned, form), (text) => of("application/json", { text }));
}

interface Contents {
  readonly contents: readonly unknown[];
}

function isContents(value: unknown): value is Contents {
  return isObject(value) && "contents" in value &&
    Array.isArray(value.contents) &&
    value.contents.every((piece) => isObject(piece) && "uri" in piece);
}
