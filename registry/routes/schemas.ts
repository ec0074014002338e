/**
 * `GET /schemas` and `GET /schemas/{hash}`: the canonical schemas that agents have published.
 *
 * @module
 */
import { limit } from "../base/parameter.ts";
import { BAD_VALUE, refused } from "../describe/operation.ts";
import { DeclaredSchemas } from "../directory/declared_schemas.ts";
import type { Schemas } from "../directory/schemas.ts";
import type { Snapshot } from "../directory/snapshot.ts";
import { problem } from "../http/problem.ts";
import { type Route, route } from "./route.ts";

/** How many are listed unless asked, and at most. */
const LIMIT = { fallback: 100, max: 1_000 };

/** Returns the schema routes. */
export function schemaRoutes(schemas: Schemas, snapshot: Snapshot): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/schemas",
      about: "The canonical schemas that agents have published, newest first",
      query: { limit: limit(LIMIT) },
      answers: { 200: { about: "The schemas", body: "StoredSchemaList" }, 400: BAD_VALUE },
      handler: async ({ query, json }) => {
        const stored = await schemas.list(query.limit);
        const declared = new DeclaredSchemas(snapshot, stored);
        const found = stored.map((schema) => declared.of(schema));
        return json(200, { schemas: found, count: found.length });
      },
    }),
    route({
      method: "GET",
      path: "/schemas/{hash}",
      about: "One canonical schema",
      answers: {
        200: { about: "The schema", body: "StoredSchema" },
        404: refused("There is none"),
      },
      handler: async ({ path: { hash }, json }) => {
        const schema = await schemas.get(hash);
        return schema === undefined
          ? problem(404, `schema not found: ${hash}`)
          : json(200, new DeclaredSchemas(snapshot, [schema]).of(schema));
      },
    }),
  ];
}
