/**
 * Resources: things to read, offered to MCP clients and other agents by URI, one each or many behind
 * one URI template (RFC 6570).
 *
 * @module
 */
import { checkDeclaration, checkDefinition } from "./check/check.ts";
import { type Place, text } from "./check/kind.ts";
import { onlyKeys, shape } from "./check/shape.ts";
import type { DependencyDefinitions } from "./dependency.ts";
import { type Complete, type Completions, completions } from "./completion.ts";
import { MeshError } from "../base/errors.ts";
import { type ContextOf, type Declared, type ErasedHandler } from "./handler_context.ts";
import type { Bytes } from "../base/json_form.ts";
import { dependencies } from "./check/parts.ts";
import { functionsByName } from "./check/lists.ts";
import type { ResourceContents } from "../protocol/mcp_content.ts";

/** The definition of `resource()`. */
const RESOURCE = shape<ResourceDefinition<string, DependencyDefinitions>>("a resource", {
  uri: text,
  title: text,
  description: text,
  mimeType: text,
  complete: functionsByName,
  dependencies,
}, { required: ["uri"], written: (text) => `{ uri: ${JSON.stringify(text)} }` });

/** The variables of a URI template, by name. */
export type Variables<U extends string> = U extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [K in VariableName<Name>]: string } & Variables<Rest>
  : unknown;
/** The name of a variable, without operator and modifier. */
export type VariableName<Name extends string> = Name extends
  `${"+" | "#" | "/" | "?" | "&" | "."}${infer Rest}` ? VariableName<Rest>
  : Name extends `${infer First},${infer Rest}` ? VariableName<First> | VariableName<Rest>
  : Name extends `${infer Plain}*` ? Plain
  : Name;

/**
 * What a resource's handler returns: text, bytes, ready contents, or any other plain value, which is
 * sent as JSON; a Blob brings its type along. `undefined` says that there is nothing under this URI.
 */
export type ResourceResult =
  | string
  | Bytes
  | { readonly contents: readonly ResourceContents[] }
  | Readonly<Record<string, unknown>>
  | readonly unknown[]
  | undefined;

/** What a resource says about itself. */
export interface ResourceDefinition<U extends string, Ds extends DependencyDefinitions> {
  /** Its URI, or a template such as `city://{name}/map`. */
  readonly uri: U;
  /** Its name for people. */
  readonly title?: string;
  /** What is in it. */
  readonly description?: string;
  /** @default what the handler returns tells: `text/plain`, `application/octet-stream`, `application/json` */
  readonly mimeType?: string;
  /** What to suggest while somebody fills a variable in. */
  readonly complete?: { readonly [K in keyof Variables<U>]?: Complete };
  /** What it needs from other agents. */
  readonly dependencies?: Declared<Ds>;
}

/** A declared resource. Made by {@linkcode resource}, given to `agent()`. */
export interface Resource {
  readonly uri: string;
  /** The variables of `uri`; none when it is no template. */
  readonly variables: readonly string[];
  readonly title: string | undefined;
  readonly description: string;
  readonly mimeType: string | undefined;
  readonly complete: Completions;
  readonly dependencies: DependencyDefinitions;
  readonly handler: ErasedHandler;
}

/**
 * Declares a resource.
 *
 * @param definition Its URI and what it needs.
 * @param handler Reads it; gets the `uri` that was asked for and the variables of its template.
 * @throws {MeshError} `bad_definition` that says what is wrong with it, and where.
 *
 * @example
 * ```ts
 * import { resource } from "mesh";
 *
 * const map = resource({ uri: "city://{name}/map", mimeType: "image/svg+xml" }, ({ name }) =>
 *   `<svg xmlns="http://www.w3.org/2000/svg"><title>${name}</title></svg>`);
 * ```
 */
export function resource<
  const U extends string,
  const Ds extends DependencyDefinitions = Record<never, never>,
>(
  definition: ResourceDefinition<U, Ds>,
  handler: (
    asked: { readonly uri: string } & Variables<U>,
    context: ContextOf<Ds>,
  ) => ResourceResult | Promise<ResourceResult>,
): Resource {
  checkDeclaration(RESOURCE, "resource", definition, handler);
  const dependencies: DependencyDefinitions = definition.dependencies ?? {};
  const { uri } = definition;
  if (!URL.canParse(uri.replaceAll(EXPRESSION, "x"))) {
    throw new MeshError(
      "bad_definition",
      `resource URI ${
        JSON.stringify(uri)
      } is none; begin it with a scheme, as in "city://tokyo/map"`,
    );
  }
  const names = variableNames(uri);
  if (names.includes("uri")) {
    throw new MeshError(
      "bad_definition",
      `resource ${uri} has a variable "uri", which is the whole URI's name; choose another`,
    );
  }
  const variables = onlyKeys(`a variable of ${uri}`, names);
  checkDefinition(
    (complete: unknown, place: Place) => variables(complete, place.at("complete")),
    "resource",
    definition.complete,
  );
  return {
    uri,
    variables: names,
    title: definition.title,
    description: definition.description ?? "",
    mimeType: definition.mimeType,
    complete: completions(definition.complete),
    dependencies,
    // Only called with the variables of `uri` and a context built from `dependencies`.
    handler: handler as unknown as ErasedHandler,
  };
}

const EXPRESSION = /\{([^{}]+)\}/g;

/** The names in the expressions of a template, without operators and modifiers (RFC 6570 §2). */
function variableNames(uri: string): string[] {
  return Array.from(uri.matchAll(EXPRESSION), ([, expression = ""]) => expression)
    .flatMap((expression) => expression.replace(/^[+#./;?&]/, "").split(","))
    .map((name) => name.replace(/\*$|:\d+$/, ""));
}
