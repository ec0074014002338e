/**
 * What an agent module says about the dependencies it declares.
 *
 * @module
 */
import type { DependencyDefinition, DependencyDefinitions } from "./dependency.ts";
import { jsonSchema, published } from "./json_schema.ts";
import type { DependencyManifest } from "./manifest.ts";
import { askable } from "../protocol/schema/canonical.ts";

/** Describes declared dependencies. */
export function dependencyManifests(definitions: DependencyDefinitions): DependencyManifest[] {
  return Object.entries(definitions).map(([name, dependency]) => ({
    name,
    capability: dependency.capability,
    tags: dependency.tags ?? [],
    version: dependency.version,
    required: dependency.required ?? false,
    ...expectation(name, dependency),
  }));
}

/**
 * What a dependency expects of its provider. For `strict` it is the form a provider that declares
 * the same type publishes; for `subset` only what reading the answer needs, so that a field with a
 * default is not asked for.
 */
function expectation(
  key: string,
  { output, matchMode: mode }: DependencyDefinition,
): Pick<DependencyManifest, "match"> {
  if (mode === undefined || output === undefined) return {};
  const io = mode === "strict" ? "output" : "input";
  const schema = jsonSchema(output, io, `output schema of dependency "${key}"`);
  const expected = published(schema);
  if (mode === "strict") return { match: { mode, schema, expected } };
  return {
    match: { mode, schema, expected: { ...expected, canonical: askable(expected.canonical) } },
  };
}
