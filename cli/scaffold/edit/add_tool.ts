/**
 * Adds a tool to an agent that exists.
 *
 * @module
 */
import { quoted, quotedList } from "./source_text.ts";
import { addImport } from "./add_import.ts";
import { keyOf, objectOf, readAgentModule } from "./module_tree.ts";
import { addProperty, edited } from "./text_edit.ts";

/** A tool to add. */
export interface NewTool {
  name: string;
  description: string;
  tags: readonly string[];
}

/**
 * The module with the tool; the same text when it has one of that name.
 *
 * @param file How messages call it.
 * @throws {CliError} exit 1 when its shape is not understood.
 */
export function addTool(source: string, file: string, tool: NewTool): string {
  const module = readAgentModule(source, file);
  const tools = objectOf(module, module.definition, "tools");
  const isThere = tools?.properties.some((property) =>
    property.type === "ObjectProperty" && keyOf(property) === tool.name
  );
  if (isThere) return source;
  const maker = addImport(module, "mesh", "tool");
  const zod = addImport(module, "zod", "z");
  const text = toolText(tool, maker.name, zod.name);
  const added = tools === undefined
    ? addProperty(source, module.definition, `tools: {\n${inner(text)},\n}`)
    : addProperty(source, tools, text);
  return edited(source, [...maker.edits, ...zod.edits, ...added]);
}

function toolText({ name, description, tags }: NewTool, tool: string, z: string): string {
  return `${name}: ${tool}({
  capability: ${quoted(name)},
  tags: ${quotedList(tags)},
  description: ${quoted(description)},
  input: ${z}.object({ name: ${z}.string().default("world") }),
  output: ${z}.string(),
}, ({ name }) => \`Hello, \${name}, from ${name}\`)`;
}

function inner(text: string): string {
  return text.split("\n").map((line) => `  ${line}`).join("\n");
}
