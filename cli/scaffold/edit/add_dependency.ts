/**
 * Adds a dependency to a tool that exists.
 *
 * @module
 */
import type { ObjectExpression, ObjectProperty } from "@babel/types";
import { quoted } from "./source_text.ts";
import {
  type AgentModule,
  isCallOf,
  keyOf,
  localName,
  objectOf,
  propertyOf,
  readAgentModule,
  refusal,
} from "./module_tree.ts";
import { addProperty, edited } from "./text_edit.ts";

/** A dependency to add. */
export interface NewDependency {
  capability: string;
  /** What the handler gets it as. */
  key: string;
  required: boolean;
  /** The tool that needs it; the only one when absent. */
  tool: string | undefined;
}

/**
 * The module with the dependency; the same text when the tool has it.
 *
 * @param file How messages call it.
 * @throws {CliError} exit 1 when its shape is not understood, or the key is another's.
 */
export function addDependency(source: string, file: string, wanted: NewDependency): string {
  const module = readAgentModule(source, file);
  const { name, definition } = toolOf(module, wanted.tool);
  const dependencies = objectOf(module, definition, "dependencies");
  const present = dependencies && propertyOf(dependencies, wanted.key);
  if (present !== undefined) {
    if (capabilityOf(present) === wanted.capability) return source;
    throw refusal(file, `has another dependency ${wanted.key} of ${name}; choose a name with --as`);
  }
  const text = `${wanted.key}: { capability: ${quoted(wanted.capability)}${
    wanted.required ? ", required: true" : ""
  } }`;
  return edited(
    source,
    dependencies === undefined
      ? addProperty(source, definition, `dependencies: { ${text} }`)
      : addProperty(source, dependencies, text),
  );
}

function toolOf(
  module: AgentModule,
  wanted: string | undefined,
): { name: string; definition: ObjectExpression } {
  const { file, statements } = module;
  const all = objectOf(module, module.definition, "tools")?.properties ?? [];
  const named = all.filter((each) => each.type === "ObjectProperty");
  const names = named.map((each) => keyOf(each) ?? "?");
  const found = wanted === undefined ? named : named.filter((each) => keyOf(each) === wanted);
  const [tool] = found;
  if (tool === undefined || found.length > 1) {
    const there = names.length === 0 ? "no tools" : `the tools ${names.join(", ")}`;
    throw refusal(
      file,
      wanted === undefined
        ? `has ${there}; name one with --tool`
        : `has no tool ${wanted}, but ${there}`,
    );
  }
  const maker = localName(statements, "mesh", "tool");
  const name = keyOf(tool) ?? "?";
  if (maker !== undefined && isCallOf(tool.value, maker)) {
    const [definition] = tool.value.arguments;
    if (definition?.type === "ObjectExpression") return { name, definition };
  }
  throw refusal(file, `does not write ${name} as tool({ … }, …)`);
}

function capabilityOf({ value }: ObjectProperty): string | undefined {
  if (value.type !== "ObjectExpression") return undefined;
  const capability = propertyOf(value, "capability")?.value;
  return capability?.type === "StringLiteral" ? capability.value : undefined;
}
