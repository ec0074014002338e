/**
 * The registry's description in OpenAPI 3.1, made from its messages and the declarations of its routes. Pure.
 *
 * @module
 */
import { isSchemaName, messageSchemas, schemaPlace } from "./openapi_schemas.ts";
import { type AnswerBody, documentedPath, type Operation } from "./operation.ts";
import type { Parameter } from "../base/parameter.ts";
import { VERSION } from "../base/version.ts";

/** A JSON object. */
export type Json = Record<string, unknown>;

const BEARER: Json = { type: "http", scheme: "bearer" };

/** Returns the description of these operations. */
export function openApiDocument(all: readonly Operation[]): Json {
  const paths = Map.groupBy(all, ({ path }) => documentedPath(path));
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
        Object.fromEntries(
          operations.map((operation) => [
            operation.method.toLowerCase(),
            described(path, operation),
          ]),
        ),
      ]),
    ),
    components: {
      schemas: messageSchemas(),
      securitySchemes: { adminToken: BEARER, mcpToken: BEARER },
    },
  };
}

function described(path: string, operation: Operation): Json {
  const { about, query = {}, body, tokens, answers } = operation;
  const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const parameters = [...places, ...Object.entries(query).map(queryParameter)];
  return {
    summary: about,
    ...(tokens && { security: [...tokens.map((token) => ({ [token]: [] })), {}] }),
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

function queryParameter([name, { type, about, required, repeated }]: [string, Parameter]): Json {
  return {
    name,
    in: "query",
    description: about,
    ...(required && { required }),
    schema: repeated ? { type: "array", items: { type } } : { type },
  };
}

/** A named message is JSON, as is one of several; anything else is a media type. */
function content(body: AnswerBody): Json {
  if (typeof body !== "string") {
    return { "application/json": { schema: { anyOf: body.map(reference) } } };
  }
  return isSchemaName(body) ? { "application/json": { schema: reference(body) } } : { [body]: {} };
}

function reference(name: string): Json {
  return { $ref: schemaPlace(name) };
}
