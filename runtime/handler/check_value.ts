/**
 * Checking a value against a zod schema, with what is wrong in one sentence.
 *
 * @module
 */
import type * as z from "zod";
import { MeshError } from "../base/errors.ts";

/**
 * The value as `schema` reads it.
 *
 * @param what What the value is, for the message.
 * @throws {MeshError} `code`, with the issues as `details`.
 */
export function checkValue(
  schema: z.ZodType,
  value: unknown,
  code: "bad_input" | "bad_output",
  what: string,
): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: path.map(String).join("."),
    message,
  }));
  const text = issues.map(({ path, message }) => path === "" ? message : `${path}: ${message}`);
  throw new MeshError(code, `invalid ${what}: ${text.join("; ")}`, { details: { issues } });
}
