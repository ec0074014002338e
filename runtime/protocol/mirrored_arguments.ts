/**
 * Arguments of a tool that requests of 2026-07-28 repeat in HTTP headers, `Mcp-Param-…`: those whose
 * schema says `x-mcp-header` (MCP tools, `x-mcp-header`).
 *
 * @module
 */
import { isObject } from "../base/json.ts";
const KEYWORD = "x-mcp-header";
/** What a header's name may be made of (RFC 9110 §5.1). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Types of arguments that may be repeated. */
const TYPES: ReadonlySet<unknown> = new Set(["string", "integer", "boolean"]);
/** Keywords that hold values, not schemas. */
const VALUES: ReadonlySet<string> = new Set(["const", "default", "enum", "examples"]);
/** Keywords that hold schemas by name, which may be anything. */
const BY_NAME: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "dependentSchemas",
  "$defs",
  "definitions",
]);

/** Whether a tool with this input schema has arguments that headers repeat. */
export function mirrorsArguments(inputSchema: Readonly<Record<string, unknown>>): boolean {
  return JSON.stringify(inputSchema).includes(`"${KEYWORD}"`);
}

/** What is wrong with how an input schema says which arguments headers repeat, if anything. */
export function mirroringFault(
  inputSchema: Readonly<Record<string, unknown>>,
): string | undefined {
  const taken = new Set<string>();
  const faults: string[] = [];
  const look = (schema: Readonly<Record<string, unknown>>, isArgument: boolean) => {
    if (KEYWORD in schema) {
      const fault = isArgument ? faultOf(schema, taken) : `${KEYWORD} stands on no property`;
      if (fault !== undefined) faults.push(fault);
    }
    for (const [keyword, value] of Object.entries(schema)) {
      if (VALUES.has(keyword)) continue;
      // An argument is reached by properties alone: whether others apply depends on the call.
      const isStillArgument = keyword === "properties" && (isArgument || schema === inputSchema);
      for (const inner of BY_NAME.has(keyword) ? Object.values(value ?? {}) : [value].flat()) {
        if (isObject(inner)) look(inner, isStillArgument);
      }
    }
  };
  look(inputSchema, false);
  return faults[0];
}

function faultOf(schema: Readonly<Record<string, unknown>>, taken: Set<string>) {
  const { [KEYWORD]: name, type } = schema;
  if (typeof name !== "string" || !TOKEN.test(name)) {
    return `${KEYWORD} ${JSON.stringify(name)} is no name of a header`;
  }
  if (!TYPES.has(type)) return `${KEYWORD} "${name}" stands on a property of type ${type}`;
  if (taken.has(name.toLowerCase())) return `${KEYWORD} "${name}" stands on two properties`;
  taken.add(name.toLowerCase());
  return undefined;
}
