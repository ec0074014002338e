/**
 * A request as the handler of a route gets it: its body and its query read as the route declares
 * them. On the side of the gateway's code, because schemas are code.
 *
 * @module
 */
import * as z from "zod";
import { boundedJson } from "../base/bounded_json.ts";
import { headerOf, type RequestParts } from "../base/parts.ts";
import type { Problem } from "../base/problem.ts";
import type { Route, RouteRequest } from "../define/route.ts";
import { checkValue } from "./check_value.ts";
import type { CallEnvironment } from "../boundary/host.ts";

/** A request as the handler gets it. What costs to make is made when it is asked for. */
export class Asked implements RouteRequest<string, unknown, unknown> {
  readonly body: unknown;
  readonly #parts: RequestParts;
  readonly #environment: CallEnvironment;
  #query: unknown;
  #request: Request | undefined;

  /** @param query As the route's schema read it, if it has one. */
  constructor(parts: RequestParts, body: unknown, query: unknown, environment: CallEnvironment) {
    this.#parts = parts;
    this.body = body;
    this.#query = query;
    this.#environment = environment;
  }

  get params() {
    return this.#parts.params;
  }

  get query() {
    return this.#query ??= new URL(this.#parts.url).searchParams;
  }

  get request(): Request {
    const { method, url, headers, body } = this.#parts;
    return this.#request ??= new Request(url, {
      method,
      // Nothing here is changed by it: the type asks for pairs that could be.
      headers: headers as Headers | [string, string][],
      ...(body === undefined ? {} : { body }),
      signal: this.#environment.signal,
    });
  }
}

/**
 * Reads a request as its route declares it.
 *
 * @returns What is wrong, when its body is not JSON.
 * @throws {MeshError} `bad_input` when the body or the query does not fit.
 */
export function ask(
  key: string,
  { body: bodySchema, query: querySchema }: Route,
  parts: RequestParts,
  environment: CallEnvironment,
): Asked | Problem {
  const query = querySchema &&
    checkValue(querySchema, queryValues(querySchema, parts.url), "bad_input", `query of ${key}`);
  if (bodySchema === undefined) return new Asked(parts, undefined, query, environment);
  const read = jsonBody(parts);
  if ("status" in read) return read;
  const body = checkValue(bodySchema, read.value, "bad_input", `body of ${key}`);
  return new Asked(parts, body, query, environment);
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** The value of a body that must be JSON, which is nothing when there is no body; or what is wrong. */
function jsonBody(parts: RequestParts): { readonly value: unknown } | Problem {
  const { body } = parts;
  if (body === undefined || body.length === 0) return { value: undefined };
  const type = headerOf(parts, "content-type") ?? "";
  if (!JSON_TYPE.test(type)) {
    const detail = `the body must be JSON, and its content-type is ${JSON.stringify(type)}`;
    return { status: 415, detail, headers: [["accept", "application/json"]] };
  }
  try {
    return { value: boundedJson(new TextDecoder("utf-8", { fatal: true }).decode(body)) };
  } catch (error) {
    const why = error instanceof RangeError ? `cannot be read: ${error.message}` : "is not JSON";
    return { status: 400, detail: `the body ${why}`, error: "bad_input" };
  }
}

/** The query as a schema reads it: lists for fields that are arrays, else the last of each name. */
function queryValues(schema: z.ZodObject, url: string): Record<string, unknown> {
  const { searchParams } = new URL(url);
  return Object.fromEntries(
    [...new Set(searchParams.keys())].map((name) => {
      const values = searchParams.getAll(name);
      return [name, isList(schema.shape[name]) ? values : values.at(-1)];
    }),
  );
}

/** Whether a schema is of an array, below whatever makes it optional. */
function isList(schema: unknown): boolean {
  if (schema instanceof z.ZodArray) return true;
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault || schema instanceof z.ZodReadonly;
  return wrapped && isList(schema.unwrap());
}
