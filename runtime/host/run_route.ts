/**
 * One request to a route, on the side of the gateway's code: body and query checked, handler run,
 * what it returns made a response. Both hosts run exactly this.
 *
 * @module
 */
import { z } from "zod";
import { isMeshError } from "../errors.ts";
import {
  headerOf,
  type RequestParts,
  type ResponseHead,
  type ResponseParts,
} from "../http/parts.ts";
import { type Problem, problemOf, problemParts } from "../http/problem.ts";
import type { Outcome } from "../mcp/result.ts";
import type { Route, RouteRequest } from "../route.ts";
import { sse } from "../sse.ts";
import { checkValue } from "./check_value.ts";
import { Gathering } from "./gathering.ts";
import type { CallEnvironment } from "./host.ts";
import { contextOf, failureOf, isAsyncIterable } from "./run_operation.ts";

/**
 * Runs a route once. A response that is whole is the outcome; one that comes piece by piece is
 * emitted: its head, then its bytes.
 *
 * @throws {MeshError} What the handler failed with, unless that is the client's fault.
 */
export async function runRoute(
  key: string,
  route: Route,
  request: RequestParts,
  environment: CallEnvironment,
): Promise<Outcome> {
  const asked = ask(key, route, request, environment);
  if (!(asked instanceof Asked)) return whole(problemParts(asked));
  try {
    const returned = await route.handler(asked, contextOf(route, environment));
    return await answer(returned, key, environment);
  } catch (error) {
    const failure = failureOf(error, key, environment);
    const problem = problemOf(failure);
    // The client's own mistakes are no failures of the gateway.
    if (problem.status < 500) return whole(problemParts(problem));
    throw failure;
  }
}

/** A request as the handler gets it. What costs to make is made when it is asked for. */
class Asked implements RouteRequest<string, unknown, unknown> {
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

function ask(
  key: string,
  { body: bodySchema, query: querySchema }: Route,
  parts: RequestParts,
  environment: CallEnvironment,
): Asked | Problem {
  try {
    const query = querySchema &&
      checkValue(querySchema, queryValues(querySchema, parts.url), "bad_input", `query of ${key}`);
    const body = bodySchema === undefined ? undefined : jsonBody(parts);
    if (bodySchema === undefined || !(body instanceof Refused)) {
      const checked = bodySchema && checkValue(bodySchema, body, "bad_input", `body of ${key}`);
      return new Asked(parts, checked, query, environment);
    }
    return body.problem;
  } catch (error) {
    if (isMeshError(error, "bad_input")) return problemOf(error);
    // A schema that throws is a failure of the gateway's code.
    throw failureOf(error, key, environment);
  }
}

/** A body that is none that the route takes. */
class Refused {
  readonly problem: Problem;

  constructor(problem: Problem) {
    this.problem = problem;
  }
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** The value of a body that must be JSON; nothing when there is no body. */
function jsonBody(parts: RequestParts): unknown {
  const { body } = parts;
  if (body === undefined || body.length === 0) return undefined;
  const type = headerOf(parts, "content-type") ?? "";
  if (!JSON_TYPE.test(type)) {
    const detail = `the body must be JSON, and its content-type is ${JSON.stringify(type)}`;
    return new Refused({ status: 415, detail, headers: [["accept", "application/json"]] });
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return new Refused({ status: 400, detail: "the body is not JSON", error: "bad_input" });
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

async function answer(
  returned: unknown,
  key: string,
  environment: CallEnvironment,
): Promise<Outcome> {
  if (returned instanceof Response) return await send(returned, environment);
  if (isAsyncIterable(returned)) {
    const onError = (error: unknown) => {
      const { code, message } = failureOf(error, key, environment);
      environment.log("warn", `the stream of ${key} failed: ${message}`, { code });
    };
    return await send(sse(returned, { onError }), environment);
  }
  if (returned === undefined) return whole({ head: { status: 204, headers: [] }, body: undefined });
  return whole({
    head: { status: 200, headers: [["content-type", "application/json"]] },
    body: JSON.stringify(returned),
  });
}

function whole(response: ResponseParts): Outcome {
  return { kind: "response", response };
}

type Chunk = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;

/** Sends a response: whole if its body is there already, else piece by piece. */
async function send(response: Response, environment: CallEnvironment): Promise<Outcome> {
  const { status, headers, body } = response;
  const head: ResponseHead = { status, headers: [...headers] };
  if (body === null) return whole({ head, body: undefined });
  const reader = body.getReader();
  const first = reader.read();
  const begun = await atOnce(first);
  if (begun?.done) return whole({ head, body: undefined });
  const second = begun && reader.read();
  const rest = second && await atOnce(second);
  if (begun && rest?.done) return whole({ head, body: begun.value });
  await stream(head, second === undefined ? [first] : [first, second], reader, environment);
  return { kind: "response", response: undefined };
}

/** What a promise has come to, if it has by now. */
async function atOnce<T>(promise: Promise<T>): Promise<T | undefined> {
  let value: T | undefined;
  promise.then((settled) => value = settled, () => {});
  await undefined;
  await undefined;
  return value;
}

async function stream(
  head: ResponseHead,
  begun: Promise<Chunk>[],
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  environment: CallEnvironment,
): Promise<void> {
  const { signal } = environment;
  // Whatever its closing fails with, nobody is left to be told.
  const close = () => reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", close, { once: true });
  try {
    signal.throwIfAborted();
    await environment.emit(head);
    const out = new Gathering((bytes) => environment.emit(bytes));
    for (;;) {
      const { done, value } = await (begun.shift() ?? reader.read());
      if (done) return await out.taken();
      if (!(value instanceof Uint8Array)) {
        throw new TypeError(
          `a response's body is of Uint8Array chunks and this one is a ${typeof value}; pipe it through a TextEncoderStream`,
        );
      }
      await out.add(value);
    }
  } catch (error) {
    await close();
    throw error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}
