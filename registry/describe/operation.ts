/**
 * One method of one path, as far as callers need to know it: the part of every route from which
 * `/openapi.json` and `/docs` are made.
 *
 * @module
 */
import type { QueryParameters } from "../base/parameter.ts";
import type { SchemaName } from "./openapi_schemas.ts";

/** Methods the registry knows. */
export type Method = "GET" | "HEAD" | "POST" | "DELETE";

/** A secret that a caller may have to show, by its name in the description. */
export type Token = "adminToken" | "mcpToken";

/** The answer of a route with one status. */
export interface Answer {
  readonly about: string;
  /** A named schema for JSON, several where one of them, or a media type; absent for an empty body. */
  readonly body?: AnswerBody;
}

/** The body of an answer. */
export type AnswerBody =
  | SchemaName
  | readonly SchemaName[]
  | "text/event-stream"
  | "text/html"
  | "text/plain"
  | "application/json"
  | "*/*";

/** The answers of a route, by status. */
export type Answers = Readonly<Record<number, Answer>>;

/** One method of one path. */
export interface Operation {
  readonly method: Method;
  /** With `{name}` for one varying segment, `{+name}` for a varying rest (RFC 6570). */
  readonly path: string;
  readonly about: string;
  readonly query?: QueryParameters;
  readonly body?: SchemaName | "application/json" | "*/*";
  /** Secrets of which the registry may ask for one. */
  readonly tokens?: readonly Token[];
  readonly answers: Answers;
}

/** Returns an answer that refuses a request. */
export function refused(about: string): { readonly about: string; readonly body: "Problem" } {
  return { about, body: "Problem" };
}

/** The answer to a query with a value that is not of its type. */
export const BAD_VALUE = { about: "A value is not of its type", body: "BadParameter" } as const;

/** The answer to a change that the database does not take. */
export const UNWRITABLE = refused("The database does not take writes; try again later");

/** Returns the path of an operation as OpenAPI writes it. */
export function documentedPath(path: string): string {
  return path.replace("{+", "{");
}
