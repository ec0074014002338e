/**
 * `GET /schemas` and `GET /schemas/{hash}`: the canonical schemas that agents have published.
 *
 * @module
 */
import type { Hono } from "hono";
import type { StoredSchemaList } from "../../runtime/protocol/stored_schema.ts";
import { DeclaredSchemas } from "../directory/declared_schemas.ts";
import type { Schemas } from "../directory/schemas.ts";
import type { Snapshot } from "../directory/snapshot.ts";
import { badParameter, problem } from "../http/problem.ts";
import { wholeNumber } from "../base/whole_number.ts";
import { resource } from "./resource.ts";

/** How many are listed unless asked, and at most. */
const LIMIT = { fallback: 100, min: 1, max: 1_000 };

/** Adds the schema routes. */
export function schemaRoutes(app: Hono, schemas: Schemas, snapshot: Snapshot): void {
  resource(app, "/schemas", {
    GET: async (context) => {
      const limit = wholeNumber(context.req.query("limit"), LIMIT);
      if (typeof limit === "string") return badParameter("limit", limit);
      const stored = await schemas.list(limit);
      const declared = new DeclaredSchemas(snapshot, stored);
      const found = stored.map((schema) => declared.of(schema));
      const list: StoredSchemaList = { schemas: found, count: found.length };
      return Response.json(list);
    },
  });
  resource(app, "/schemas/:hash", {
    GET: async (context) => {
      const hash = context.req.param("hash") ?? "";
      const schema = await schemas.get(hash);
      return schema === undefined
        ? problem(404, `schema not found: ${hash}`)
        : Response.json(new DeclaredSchemas(snapshot, [schema]).of(schema));
    },
  });
}
