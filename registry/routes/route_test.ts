import { deepEqual, equal } from "node:assert/strict";
import { limit, requiredText, text } from "../base/parameter.ts";
import { refused } from "../describe/operation.ts";
import { answered } from "../http/answered.ts";
import { Bodies } from "../http/body.ts";
import { MeasuredApp } from "../http/measured_app.ts";
import { problem } from "../http/problem.ts";
import { RegistryMetrics } from "../base/registry_metrics.ts";
import { mount, NOT_RECEIVED, type Route, route } from "./route.ts";

const OK = { about: "It is so", body: "application/json" } as const;
const NO_VALUE = refused("A value is wrong");

/** The application of some routes. */
function served(...routes: Route[]): (path: string, init?: RequestInit) => Promise<Response> {
  const app = new MeasuredApp(new RegistryMetrics("test"));
  mount(app, routes);
  return async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init), { remote: "10.0.0.1" });
}

/** A route whose answer is everything that it was asked. */
function echo(path: string): Route {
  return route({
    method: "GET",
    path,
    about: "Answers with its own path",
    answers: { 200: OK },
    handler: ({ json }) => json(200, path),
  });
}

Deno.test("a handler gets segments, query and peer, read as they are declared", async () => {
  const send = served(route({
    method: "GET",
    path: "/a/{one}/b/{two}",
    about: "Echoes",
    query: { name: text("A name"), limit: limit({ fallback: 5, max: 10 }) },
    answers: { 200: OK, 400: NO_VALUE },
    handler: ({ path, query, peer, json }) => json(200, { path, query, peer }),
  }));
  const rows: [path: string, path: unknown, query: unknown][] = [
    ["/a/x/b/y", { one: "x", two: "y" }, { limit: 5 }],
    ["/a/%20/b/y%2Fz?name=&limit=99", { one: " ", two: "y/z" }, { limit: 10 }],
    ["/a/x/b/y?name=n&name=m&limit=-1&more=1", { one: "x", two: "y" }, { name: "n", limit: 1 }],
  ];
  for (const [target, path, query] of rows) {
    const response = await send(target);
    deepEqual(await response.json(), { path, query, peer: { remote: "10.0.0.1" } }, target);
  }
});

Deno.test("a request is refused by the guard, then for its query, then for its body", async () => {
  const handled: unknown[] = [];
  const send = served(route({
    method: "POST",
    path: "/",
    about: "Takes bodies",
    query: {
      name: requiredText("A name", "name is required"),
      limit: limit({ fallback: 1, max: 9 }),
    },
    body: "application/json",
    receive: {
      bodies: new Bodies(),
      max: 5,
      read: (bytes) => bytes.length === 0 ? { fault: "the body is empty" } : { bytes },
    },
    answers: { ...NOT_RECEIVED, 204: { about: "Taken" }, 400: NO_VALUE, 403: NO_VALUE, 503: OK },
    guard: ({ headers }) => headers.has("x-wrong") ? problem(403, "not you") : undefined,
    handler: ({ body }) => {
      handled.push(body.bytes.length);
      return answered(204);
    },
  }));
  const wrong = { "x-wrong": "1" };
  const rows: [target: string, init: RequestInit, status: number, text: string][] = [
    ["/?limit=x", { headers: wrong }, 403, "not you"],
    ["/?limit=x", {}, 400, "name is required"],
    [
      "/?name=n&limit=x",
      { body: "123456" },
      400,
      'Invalid format for parameter limit: "x" is not a whole number',
    ],
    [
      "/?name=n",
      { body: "123456" },
      413,
      "the request body is larger than 5 bytes; send less at a time",
    ],
    ["/?name=n", {}, 400, "the body is empty"],
    ["/?name=n", { body: "12345" }, 204, ""],
  ];
  for (const [target, init, status, text] of rows) {
    const response = await send(target, { method: "POST", ...init });
    const body = await response.text();
    const { error, msg } = body === "" ? { error: "" } : JSON.parse(body);
    deepEqual([response.status, error ?? msg], [status, text], `${target} ${text}`);
  }
  deepEqual(handled, [5]);
});

Deno.test("mount() prefers a path that does not vary, in whatever order they come", async () => {
  const send = served(
    echo("/a/{id}"),
    echo("/a/stream"),
    echo("/a/{id}/stream"),
    echo("/b/{+all}"),
  );
  const rows: [target: string, path: string][] = [
    ["/a/x", "/a/{id}"],
    ["/a/stream", "/a/stream"],
    ["/a/stream/stream", "/a/{id}/stream"],
    ["/b/x/y", "/b/{+all}"],
  ];
  for (const [target, path] of rows) equal(await (await send(target)).json(), path, target);
});

Deno.test("mount() refuses other methods, HEAD too, with those there are", async () => {
  const beat = route({
    method: "HEAD",
    path: "/beat",
    about: "Beats",
    answers: { 202: { about: "It is so" } },
    handler: () => answered(202),
  });
  const send = served(echo("/a"), beat);
  const rows: [method: string, path: string, status: number, allow: string | null][] = [
    ["GET", "/a", 200, null],
    ["HEAD", "/a", 405, "GET"],
    ["PUT", "/a", 405, "GET"],
    ["HEAD", "/beat", 202, null],
    ["GET", "/beat", 405, "HEAD"],
  ];
  for (const [method, path, status, allow] of rows) {
    const response = await send(path, { method });
    await response.body?.cancel();
    deepEqual(
      [response.status, response.headers.get("allow")],
      [status, allow],
      `${method} ${path}`,
    );
  }
});

Deno.test("a declaration that does not say all its answers does not compile", () => {
  // Only the type checker can fail here: a comment that expects an error where there is none is one.
  const common = { method: "GET", path: "/", about: "Is wrong" } as const;
  const routes = [
    route({
      ...common,
      answers: { 200: OK },
      // @ts-expect-error: 404 is not declared.
      handler: () => problem(404, "there is none"),
    }),
    route({
      ...common,
      answers: { 200: { about: "Health", body: "RegistryHealth" } },
      // @ts-expect-error: the value is not of the declared schema.
      handler: ({ json }) => json(200, { status: 5 }),
    }),
    route({
      ...common,
      query: { limit: limit({ fallback: 1, max: 2 }) },
      // @ts-expect-error: a limit may be wrong, and 400 is not declared.
      answers: { 200: OK },
      handler: ({ json }) => json(200, {}),
    }),
    route({
      ...common,
      // @ts-expect-error: the guard's 403 is not declared.
      answers: { 200: OK },
      guard: () => problem(403, "not you"),
      handler: ({ json }) => json(200, {}),
    }),
    route({
      ...common,
      receive: { bodies: new Bodies(), read: (bytes) => ({ bytes }) },
      // @ts-expect-error: a body may be too large, which is not declared.
      answers: { 200: OK },
      handler: ({ json }) => json(200, {}),
    }),
  ];
  equal(routes.length, 5);
});
