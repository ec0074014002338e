/**
 * JSON with comments and trailing commas, as `deno.json` may have.
 *
 * @module
 */
import { withoutMark } from "../../runtime/base/file_text.ts";
import { parse, type ParseError } from "jsonc-parser";

/** What a text says; undefined for what is no JSON. */
export function parseJsonc(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(withoutMark(text), errors, { allowTrailingComma: true });
  return errors.length === 0 ? value : undefined;
}
