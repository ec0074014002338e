/**
 * The registry's description in OpenAPI 3.1, made from its messages and routes. Pure.
 *
 * @module
 */
import { isSchemaName, messageSchemas, schemaPlace } from "./openapi_schemas.ts";
import { type Operation, OPERATIONS, type QueryParameter } from "./openapi_operations.ts";
import { VERSION } from "../base/version.ts";

/** A JSON object. */
export type Json = Record<string, unknown>;

const BEARER: Json = { type: "http", scheme: "bearer" };

/** The description. */
export function openApiDocument(): Json {
  const paths = Map.groupBy(OPERATIONS, ({ path }) => path);
  return {
    openapi: "3.1.0",
    info: {
      title: "Deno Mesh registry",
      version: VERSION,
      description: "Who offers what, where each declared dependency leads, and when that changes.",
    },
    paths: Object.fromEntries(
      [...paths].map(([path, operations]) => [
        path,
        Object.fromEntries(operations.map((operation) => [operation.method, described(operation)])),
      ]),
    ),
    components: {
      schemas: messageSchemas(),
      securitySchemes: { adminToken: BEARER, mcpToken: BEARER },
    },
  };
}

function described(operation: Operation): Json {
  const { path, about, query = [], body, answers } = operation;
  const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const parameters = [...places, ...query.map(queryParameter)];
  return {
    summary: about,
    ...(path.startsWith("/admin/") && { security: [{ adminToken: [] }, {}] }),
    ...(path === "/mcp" && { security: [{ mcpToken: [] }, { adminToken: [] }, {}] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: { required: true, content: content(body) } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, { about, body }]) => [
        status,
        { description: about, ...(body !== undefined && { content: content(body) }) },
      ]),
    ),
  };
}

function queryParameter({ name, type, about, required, repeated }: QueryParameter): Json {
  return {
    name,
    in: "query",
    description: about,
    ...(required && { required }),
    schema: repeated ? { type: "array", items: { type } } : { type },
  };
}

/** A named message is JSON; anything else is a media type. */
function content(body: string): Json {
  if (!isSchemaName(body)) return { [body]: {} };
  return { "application/json": { schema: { $ref: schemaPlace(body) } } };
}
