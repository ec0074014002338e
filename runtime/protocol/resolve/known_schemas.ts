/**
 * The schemas that matching compares, each computed once. Agents publish canonical forms, which lose
 * properties named `title` or `default`, and beside them the original schemas, which have them all.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Dependency, Tool } from "../registration.ts";
import { schemaForms } from "../schema/canonical.ts";

type Json = Record<string, unknown>;

/** A schema in the form that is compared. */
export interface KnownSchema {
  readonly schema: Json;
  /** Whether it is complete; otherwise it is a canonical form, whose losses are not known. */
  readonly isExact: boolean;
}

/** The schemas of tools and dependencies. One instance may outlive many passes. */
export class KnownSchemas {
  /** By the canonical form that was published: each registration has its own. */
  readonly #known = new WeakMap<Json, KnownSchema>();

  /** Returns the output schema of a tool; `undefined` when it publishes none. */
  output({ outputSchema, outputSchemaCanonical }: Tool): KnownSchema | undefined {
    return outputSchemaCanonical
      ? this.#once(outputSchemaCanonical, () => published(outputSchemaCanonical, outputSchema))
      : undefined;
  }

  /** Returns the input schema of a tool; `undefined` when it publishes none. */
  input({ inputSchema, inputSchemaCanonical }: Tool): KnownSchema | undefined {
    return inputSchemaCanonical
      ? this.#once(inputSchemaCanonical, () => published(inputSchemaCanonical, inputSchema))
      : undefined;
  }

  /** Returns the expected schema of a dependency; `undefined` when it sends none. */
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

/** The published hash is that of the canonical form: a schema with another form is not used. */
function published(canonical: Json, declared: Json | null | undefined): KnownSchema {
  const forms = declared ? schemaForms(declared) : undefined;
  const fits = forms !== undefined && isDeepStrictEqual(forms.canonical, canonical);
  return known(canonical, fits ? forms.exact : undefined);
}

function known(canonical: Json, exact: Json | undefined): KnownSchema {
  return { schema: exact ?? canonical, isExact: exact !== undefined };
}
