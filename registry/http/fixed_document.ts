/**
 * Documents that stay the same while the registry runs: a client that has one is not sent it again
 * (RFC 9110 §13.1.2).
 *
 * @module
 */
// @ts-types="../../runtime/base/std/http.d.ts"
import { eTag, ifNoneMatch } from "@std/http/etag";
import { type Answered, answered } from "./answered.ts";

/**
 * Returns a function that answers with a document, or with 304 where the headers of a request say that
 * its client has it.
 *
 * @param make Called when the document is first asked for.
 * @param headers Headers of the document, its type among them.
 */
export function fixedDocument(
  make: () => string,
  headers: Readonly<Record<string, string>>,
): (asked: Headers) => Promise<Answered<200 | 304>> {
  let document: Promise<{ text: string; etag: string }> | undefined;
  const tagged = async () => {
    const text = make();
    return { text, etag: await eTag(text) };
  };
  return async (asked) => {
    const { text, etag } = await (document ??= tagged());
    // A copy may be kept, and is asked for again: the next version may describe more.
    const told = { ...headers, etag, "cache-control": "no-cache" };
    return ifNoneMatch(asked.get("if-none-match"), etag)
      ? answered(200, text, told)
      : answered(304, null, told);
  };
}
