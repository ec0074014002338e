/**
 * The tools of one request in the words an endpoint takes, and the calls of them: names of tools and of
 * their properties are changed where they must be, and changed back in what the model calls. Pure.
 *
 * @module
 */
import { cutText } from "../../base/cut_text.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { argumentsIn, argumentsText } from "../wire/call_arguments.ts";
import type { ChatTool, ChatToolCall } from "../../define/contract.ts";
import { jsonSchema, type SchemaRule } from "./json_schema_rules.ts";
import { openApiSchema } from "./openapi_schema.ts";
import { NAMED, NESTED } from "./schema_parts.ts";
import { PROPERTY_NAME, takenNames, TOOL_NAME } from "../../define/taken_names.ts";
import type { Traits } from "./vendors.ts";

interface Wire {
  readonly tool: ChatTool;
  readonly name: string;
  /** Names of properties as they are sent, by those the tool has. */
  readonly properties: ReadonlyMap<string, string>;
}

/** The tools of one request. */
export class ToolDialect {
  readonly #wires: readonly Wire[];
  readonly #traits: Traits;
  readonly #rules: readonly SchemaRule[];
  /** How many tools are left out because there are more than the endpoint takes. */
  readonly surplus: number;

  /**
   * @param rules What of their schemas is mended.
   * @param refused Names of tools that are left out.
   */
  constructor(
    tools: readonly ChatTool[],
    traits: Traits,
    rules: readonly SchemaRule[],
    refused: ReadonlySet<string>,
  ) {
    this.#traits = traits;
    this.#rules = rules;
    const known = tools.filter(({ function: { name } }) => !refused.has(name));
    this.surplus = Math.max(0, known.length - traits.toolsMax);
    const offered = known.slice(0, traits.toolsMax);
    const names = takenNames(offered.map(({ function: { name } }) => name), TOOL_NAME);
    this.#wires = offered.map((tool, at) => ({
      tool,
      name: names[at] ?? "",
      properties: propertiesOf(tool, traits),
    }));
  }

  /** The names as they are sent. */
  get names(): readonly string[] {
    return this.#wires.map(({ name }) => name);
  }

  /** The name that a tool has, of the one it is sent with. */
  ownName(sent: string): string {
    return this.#wires.find(({ name }) => name === sent)?.tool.function.name ?? sent;
  }

  /** The tools as they are sent. */
  get tools(): readonly JsonObject[] {
    return this.#wires.map(({ tool, name, properties }) => ({
      type: "function",
      function: {
        name,
        ...described(tool.function.description, this.#traits),
        ...this.#parameters(tool.function.parameters, properties),
      },
    }));
  }

  /** A call of an earlier turn, as the endpoint would have made it. */
  written({ function: { name, arguments: text } }: ChatToolCall): JsonObject {
    const wire = this.#wires.find(({ tool }) => tool.function.name === name);
    const args = argumentsText(text);
    return {
      name: wire?.name ?? takenNames([name])[0],
      arguments: wire === undefined ? args : renamedIn(args, wire.properties),
    };
  }

  /** A call of the model, as the tool has it; arguments that cannot be read stay as they are. */
  read(call: ChatToolCall): ChatToolCall {
    const { name, arguments: text } = call.function;
    const wire = this.#called(name);
    if (wire === undefined) return call;
    const back = new Map(Array.from(wire.properties, ([own, sent]) => [sent, own]));
    return {
      ...call,
      function: { name: wire.tool.function.name, arguments: renamedIn(text, back) },
    };
  }

  #parameters(schema: JsonObject, properties: ReadonlyMap<string, string>): JsonObject {
    const plain = renamed(jsonSchema(schema, this.#rules), properties);
    if (this.#traits.toolSchemas === "json-schema") return { parameters: plain };
    const converted = openApiSchema(plain, this.#traits);
    // Gemini refuses an object that has no properties.
    return converted["properties"] === undefined ? {} : { parameters: converted };
  }

  #called(name: string): Wire | undefined {
    for (const { tidied } of CALLED_NAMES) {
      const found = this.#wires.find((wire) =>
        wire.name === tidied(name) || wire.tool.function.name === tidied(name)
      );
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** A way in which models write the name of a tool. */
export interface CalledName {
  readonly vendor: string;
  readonly source: string;
  /** How a call of the tool `t` is written. */
  readonly written: string;
  tidied(name: string): string;
}

/** The ways, the first that leads to a tool counts. */
export const CALLED_NAMES: readonly CalledName[] = [
  {
    vendor: "openai",
    source: "OpenAI, Function calling",
    written: "t",
    tidied: (name) => name,
  },
  {
    vendor: "vllm",
    source: "vLLM and Groq with gpt-oss: marks of the model's own format are left in the name",
    written: "t<|channel|>commentary",
    tidied: (name) => name.split("<|")[0]?.trim() ?? name,
  },
  {
    vendor: "gemini",
    source: "Gemini, Function calling with code; gpt-oss says functions.",
    written: "default_api.t",
    tidied: (name) => name.trim().replace(/^(functions|default_api|tools?)[.:/]/, ""),
  },
];

function described(description: string | undefined, { toolDescriptionMax: max }: Traits) {
  // Bedrock takes none that is empty.
  return description ? { description: cutText(description, max) } : {};
}

/** The properties of a tool, at any depth, that have to be called something else. */
function propertiesOf({ function: { parameters } }: ChatTool, traits: Traits) {
  if (traits.toolProperties === "any") return new Map<string, string>();
  const names = [...propertyNames(parameters, new Set(), 0)];
  const taken = takenNames(names, PROPERTY_NAME);
  return new Map(
    names.map((name, at) => [name, taken[at] ?? name] as const)
      .filter(([name, sent]) => name !== sent),
  );
}

/** Deeper than this no names are looked at. */
const DEEPEST = 100;

function propertyNames(schema: unknown, names: Set<string>, depth: number): Set<string> {
  if (Array.isArray(schema)) { for (const one of schema) propertyNames(one, names, depth + 1); }
  if (!isObject(schema) || depth > DEEPEST) return names;
  for (const [keyword, value] of Object.entries(schema)) {
    if (NESTED.includes(keyword)) propertyNames(value, names, depth + 1);
    if (!NAMED.includes(keyword) || !isObject(value)) continue;
    for (const [name, member] of Object.entries(value)) {
      if (keyword === "properties") names.add(name);
      propertyNames(member, names, depth + 1);
    }
  }
  return names;
}

/** A schema whose properties are called otherwise. */
function renamed(schema: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return names.size === 0 ? schema : renamedSchema(schema, names, 0) as JsonObject;
}

function renamedSchema(
  schema: unknown,
  names: ReadonlyMap<string, string>,
  depth: number,
): unknown {
  if (Array.isArray(schema)) return schema.map((one) => renamedSchema(one, names, depth + 1));
  if (!isObject(schema) || depth > DEEPEST) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (keyword === "required" && Array.isArray(value)) {
        return [keyword, value.map((name) => names.get(name) ?? name)];
      }
      if (NESTED.includes(keyword)) return [keyword, renamedSchema(value, names, depth + 1)];
      if (!NAMED.includes(keyword) || !isObject(value)) return [keyword, value];
      const members = Object.entries(value).map(([name, member]) => [
        keyword === "properties" ? names.get(name) ?? name : name,
        renamedSchema(member, names, depth + 1),
      ]);
      return [keyword, Object.fromEntries(members)];
    }),
  );
}

/** Arguments whose members are called otherwise; a text that cannot be read stays. */
function renamedIn(text: string, names: ReadonlyMap<string, string>): string {
  if (names.size === 0) return text;
  try {
    return JSON.stringify(renamedValue(argumentsIn(text), names, 0));
  } catch {
    return text;
  }
}

function renamedValue(value: unknown, names: ReadonlyMap<string, string>, depth: number): unknown {
  if (depth > DEEPEST) return value;
  if (Array.isArray(value)) return value.map((one) => renamedValue(one, names, depth + 1));
  // What stands for a number with many digits is frozen, and has no members of its own.
  if (!isObject(value) || Object.isFrozen(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [names.get(name) ?? name, renamedValue(member, names, depth + 1)]),
  );
}
