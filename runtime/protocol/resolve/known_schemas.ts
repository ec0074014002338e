/**
 * The schemas that matching compares, each worked out once. An agent publishes the canonical form of
 * what its tools answer, which loses properties named `title` or `default`; the schema it was made
 * from is published beside it and has them all.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Dependency, Tool } from "../registration.ts";
import { schemaForms } from "../schema/canonical.ts";

type Json = Record<string, unknown>;

/** A schema as it is compared. */
export interface KnownSchema {
  readonly schema: Json;
  /** Whether it says all there is; else it is a canonical form, and what that loses is not known. */
  readonly isExact: boolean;
}

/** The schemas of tools and dependencies. One instance may outlive many passes. */
export class KnownSchemas {
  /** By the canonical form that was published: each registration has its own. */
  readonly #known = new WeakMap<Json, KnownSchema>();

  /** What a tool answers; `undefined` when it does not say. */
  output({ outputSchema, outputSchemaCanonical }: Tool): KnownSchema | undefined {
    return outputSchemaCanonical
      ? this.#once(outputSchemaCanonical, () => published(outputSchemaCanonical, outputSchema))
      : undefined;
  }

  /** What a tool takes; `undefined` when it does not say. */
  input({ inputSchema, inputSchemaCanonical }: Tool): KnownSchema | undefined {
    return inputSchemaCanonical
      ? this.#once(inputSchemaCanonical, () => published(inputSchemaCanonical, inputSchema))
      : undefined;
  }

  /** What a dependency expects; `undefined` when it does not say. */
  expected({ expectedSchema, expectedSchemaCanonical }: Dependency): KnownSchema | undefined {
    return expectedSchemaCanonical
      ? this.#once(expectedSchemaCanonical, () => {
        const exact = expectedSchema ? schemaForms(expectedSchema)?.exact : undefined;
        return known(expectedSchemaCanonical, exact);
      })
      : undefined;
  }

  #once(canonical: Json, make: () => KnownSchema): KnownSchema {
    let schema = this.#known.get(canonical);
    if (schema === undefined) this.#known.set(canonical, schema = make());
    return schema;
  }
}

/** The hash stands for the canonical form, so a schema that has another one is not believed. */
function published(canonical: Json, declared: Json | null | undefined): KnownSchema {
  const forms = declared ? schemaForms(declared) : undefined;
  const fits = forms !== undefined && isDeepStrictEqual(forms.canonical, canonical);
  return known(canonical, fits ? forms.exact : undefined);
}

function known(canonical: Json, exact: Json | undefined): KnownSchema {
  return { schema: exact ?? canonical, isExact: exact !== undefined };
}
