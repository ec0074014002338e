/**
 * Says in a filled-in form, where it has room for words, that no language model wrote it. Pure.
 *
 * @module
 */

type Schema = Readonly<Record<string, unknown>>;

const NOTICE = "No language model wrote this; it was filled in by fixed rules from the plan.";

/** The value with the notice in the last of its fields that may hold any text, if it has one. */
export function withNotice(schema: Schema, value: unknown): unknown {
  if (typeof value === "string") return isFree(schema) ? `${value} (${NOTICE})` : value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const properties = recordOf(schema["properties"]);
  const filled: Record<string, unknown> = { ...value };
  for (const [name, property] of Object.entries(properties).toReversed()) {
    const field = filled[name];
    const own = recordOf(property);
    if (typeof field === "string" && isFree(own)) {
      return { ...filled, [name]: `${field} (${NOTICE})` };
    }
    if (Array.isArray(field) && isFree(recordOf(own["items"])) && isOpen(own)) {
      return { ...filled, [name]: [...field, NOTICE] };
    }
  }
  return value;
}

/** Whether any text fits. */
function isFree({ type, format, pattern, maxLength, enum: members, const: only }: Schema): boolean {
  const limits = [format, pattern, maxLength, members, only];
  return type === "string" && limits.every((limit) => limit === undefined);
}

function isOpen({ maxItems, prefixItems }: Schema): boolean {
  return maxItems === undefined && prefixItems === undefined;
}

function recordOf(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
