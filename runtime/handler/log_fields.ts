/**
 * Fields of log lines as agent code writes them: whatever they hold, the line is written.
 *
 * @module
 */
import { inspect } from "node:util";
import { errorText } from "../base/errors.ts";
import { isPlain, jsonForm } from "../base/json_form.ts";

const FIELD = { code: "bad_output", what: "the field" } as const;

/** Fields that JSON holds: what it does not is described in a text. */
export function plainFields(fields: Record<string, unknown>): Record<string, unknown> {
  if (isPlain(fields)) return fields;
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, described(value)]));
}

function described(value: unknown): unknown {
  if (value === undefined || isPlain(value)) return value;
  if (value instanceof Error) return errorText(value);
  try {
    const form = jsonForm(value, FIELD);
    if (!(form instanceof Promise)) return form;
  } catch {
    // It is described below.
  }
  return inspect(value, { depth: 2, breakLength: Infinity });
}
