/**
 * Documents that stay the same while the registry runs: a client that has one is not sent it again
 * (RFC 9110 §13.1.2).
 *
 * @module
 */
import type { Context } from "hono";
// @ts-types="../../runtime/base/std/http.d.ts"
import { eTag, ifNoneMatch } from "@std/http/etag";

/**
 * Returns a handler that answers with a document, or with 304 where the client says that it has it.
 *
 * @param make Called when the document is first asked for.
 * @param headers Headers of the document, its type among them.
 */
export function fixedDocument(
  make: () => string,
  headers: Readonly<Record<string, string>>,
): (context: Context) => Promise<Response> {
  let document: Promise<{ text: string; etag: string }> | undefined;
  const tagged = async () => {
    const text = make();
    return { text, etag: await eTag(text) };
  };
  return async ({ req }) => {
    const { text, etag } = await (document ??= tagged());
    // A copy may be kept, and is asked for again: the next version may describe more.
    const told = { ...headers, etag, "cache-control": "no-cache" };
    return ifNoneMatch(req.header("if-none-match") ?? null, etag)
      ? new Response(text, { headers: told })
      : new Response(null, { status: 304, headers: told });
  };
}
