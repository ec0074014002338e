/**
 * One request to a route, on the side of the gateway's code: body and query checked, handler run,
 * what it returns made a response. Both hosts run exactly this.
 *
 * @module
 */
import type { RequestParts, ResponseHead, ResponseParts } from "../base/parts.ts";
import { after, type Bytes, bytesOf, type FormOf, isBytes, jsonText } from "../base/json_form.ts";
import { problemOf, problemParts } from "../base/problem.ts";
import type { Outcome } from "../boundary/result.ts";
import type { Route } from "../define/route.ts";
import { EventsResponse, sse } from "../define/sse.ts";
import type { CallEnvironment } from "../boundary/host.ts";
import { ask, Asked } from "./route_request.ts";
import { contextOf, failureOf, isAsyncIterable } from "./run_operation.ts";
import { sendResponse } from "./send_response.ts";

const JSON_HEAD: ResponseHead = {
  status: 200,
  headers: [["content-type", "application/json"]],
};
const ANSWER: FormOf = { code: "bad_output", what: "the answer" };

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
  let returned: unknown;
  try {
    const asked = ask(key, route, request, environment);
    if (!(asked instanceof Asked)) return whole(problemParts(asked));
    returned = await route.handler(asked, contextOf(route, environment));
    if (isAsyncIterable(returned)) returned = eventsOf(returned, key, environment);
    // While nothing is sent, a failure has a status of its own.
    if (returned instanceof EventsResponse) await begun(returned, environment);
  } catch (error) {
    const failure = failureOf(error, key, environment);
    const problem = problemOf(failure);
    // The client's own mistakes are no failures of the gateway.
    if (problem.status < 500) return whole(problemParts(problem));
    throw failure;
  }
  try {
    return await answer(returned, environment);
  } catch (error) {
    throw failureOf(error, key, environment);
  }
}

function eventsOf(
  chunks: AsyncIterable<unknown>,
  key: string,
  environment: CallEnvironment,
): Response {
  return sse(chunks, {
    onError(error) {
      const { code, message } = failureOf(error, key, environment);
      environment.log("warn", `the stream of ${key} failed: ${message}`, { code });
    },
  });
}

/**
 * Waits until events have begun.
 *
 * @throws What they fail with before the first of them, or the signal's reason.
 */
async function begun(
  events: EventsResponse,
  { signal }: Pick<CallEnvironment, "signal">,
): Promise<void> {
  const gone = Promise.withResolvers<never>();
  const leave = () => gone.reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([events.begun(), gone.promise]);
  } catch (error) {
    // Whatever its closing fails with, nobody is left to be told.
    void events.body?.cancel(error).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

async function answer(returned: unknown, environment: CallEnvironment): Promise<Outcome> {
  if (returned instanceof Response) return await sendResponse(returned, environment);
  if (returned === undefined) return whole({ head: { status: 204, headers: [] }, body: undefined });
  if (isBytes(returned)) return bytesAnswer(returned);
  return after(jsonText(returned, ANSWER), (body) => whole({ head: JSON_HEAD, body }));
}

function bytesAnswer(bytes: Bytes): Outcome | Promise<Outcome> {
  const type = bytes instanceof Blob && bytes.type || "application/octet-stream";
  const head: ResponseHead = { status: 200, headers: [["content-type", type]] };
  // A body is of memory of its own.
  return after(bytesOf(bytes), (body) => whole({ head, body: new Uint8Array(body) }));
}

function whole(response: ResponseParts): Outcome {
  return { kind: "response", response };
}
