/**
 * Integers beyond those of JavaScript where MCP identifies things by them: requests, and progress that is
 * reported. A reader that holds numbers as doubles gets texts in their place, and what it answers gets the
 * integers back.
 *
 * @module
 */
import { isInteger } from "./exact_json.ts";
import { isObject, type JsonObject } from "./json.ts";

/** Begins the texts; nothing else that a message holds does. */
const MARK = `integer-${crypto.randomUUID()}:`;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, "g");

/** Returns a message, or a list of them, whose large ids are texts. */
export function withTextIds(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(withTextIds);
  if (!isObject(body)) return body;
  const message = marked(body, "id");
  if (!isObject(message["params"])) return message;
  const params = marked(message["params"], "requestId");
  const meta = params["_meta"];
  return {
    ...message,
    params: isObject(meta) ? { ...params, _meta: marked(meta, "progressToken") } : params,
  };
}

function marked(object: JsonObject, name: string): JsonObject {
  const id = object[name];
  const isLarge = typeof id === "object" && isInteger(id);
  return isLarge ? { ...object, [name]: MARK + JSON.stringify(id) } : object;
}

/** Returns a response with the integers in place of their texts, as far as it has come at any time. */
export function withIntegerIds(response: Response): Response {
  if (response.body === null) return response;
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  const body = response.body.pipeThrough(new TextDecoderStream())
    .pipeThrough(restoring()).pipeThrough(new TextEncoderStream());
  return new Response(body, { status: response.status, headers });
}

/** Works line by line, as events are: no text is in two of them. */
function restoring(): TransformStream<string, string> {
  let rest = "";
  const restored = (text: string) => text.replaceAll(MARKED, "$1");
  return new TransformStream({
    transform(chunk, controller) {
      const end = chunk.lastIndexOf("\n") + 1;
      if (end > 0) controller.enqueue(restored(rest + chunk.slice(0, end)));
      rest = end > 0 ? chunk.slice(end) : rest + chunk;
    },
    flush: (controller) => controller.enqueue(restored(rest)),
  });
}
