/** The gateway whose routes the suite exercises. Its code may touch nothing. */
import { gateway, MeshError, route, sse } from "mesh";
import { z } from "zod";
import page from "./page.html" with { type: "text" };

const CHUNK = new Uint8Array(64 * 1024).fill(120);
/** What `/endless` and `/events` did. */
let produced = 0;
/** Lets `/late` go on. */
const released = Promise.withResolvers<void>();
let closed = Promise.withResolvers<void>();

async function* watched(chunks: Iterable<unknown>): AsyncGenerator<unknown> {
  try {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  } finally {
    closed.resolve();
    closed = Promise.withResolvers();
  }
}

function* endless(): Generator<string> {
  for (let number = 0;; number++) yield `event ${number}`;
}

/** Nothing, until it is given up. */
async function* silent(signal: AbortSignal): AsyncGenerator<string> {
  try {
    yield await new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  } finally {
    closed.resolve();
    closed = Promise.withResolvers();
  }
}

async function* afterOne(rest: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  yield "one";
  yield* rest;
}

/** Says something when it is told to. */
async function* late(): AsyncGenerator<string> {
  await released.promise;
  yield "late";
}

/** Ends the code when it is asked for something. */
function* crashing(): Generator<Promise<never>> {
  setTimeout(() => {
    throw new Error("nobody catches this");
  });
  yield new Promise(() => {});
}

async function* broken(more: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield await Promise.resolve(new TextEncoder().encode("data: one\n\n"));
  yield await Promise.resolve(new TextEncoder().encode(more));
  throw new Error("torn");
}

export default gateway({
  name: "suite-gateway",
  maxBodyBytes: 1024 * 1024,
  routes: {
    "GET /page": () => new Response(page, { headers: { "content-type": "text/html" } }),
    "GET /values": route(
      { query: z.object({ json: z.string() }) },
      ({ query }) => JSON.parse(query.json),
    ),
    "GET /nothing": () => {},
    "GET /bytes": () => new Uint8Array([1, 2, 255]).subarray(1),
    "GET /blob": () => new Blob([new Uint8Array([1, 2, 255])], { type: "image/png" }),
    "GET /within": () => ({ at: [new Uint8Array([1, 2, 255]), new Date(0)] }),
    "GET /map": () => ({ at: [new Map()] }),
    "GET /nan": () => NaN,
    "GET /events/map": () => sse(watched([{ n: 1 }, { at: new Map() }, "never"])),
    "GET /response": () => {
      const headers = new Headers({ "x-one": "1" });
      headers.append("set-cookie", "a=1");
      headers.append("set-cookie", "b=2");
      return new Response("made", { status: 201, headers });
    },
    "GET /teapot": () => new Response(null, { status: 418 }),
    "GET /typed": route(
      {
        query: z.object({
          day: z.coerce.number(),
          tag: z.array(z.string()).optional(),
          word: z.string().default("none"),
        }),
      },
      ({ query }) => query,
    ),
    "GET /cities/:city/days/:day": ({ params }) => params,
    "GET /files/:path*": ({ params, request }) => ({ ...params, url: request.url }),
    "POST /echo": async ({ request }) =>
      new Response(await request.bytes(), {
        headers: {
          "x-type": request.headers.get("content-type") ?? "",
          "x-method": request.method,
        },
      }),
    "POST /small": route({ maxBodyBytes: 10 }, async ({ request }) => await request.text()),
    "POST /plan": route(
      { body: z.object({ destination: z.string(), days: z.number().default(3) }) },
      async ({ body, request }) => ({ ...body, raw: await request.text() }),
    ),
    "POST /maybe": route(
      { body: z.object({ a: z.number() }).optional() },
      ({ body }) => ({ body }),
    ),
    "GET /depends": route(
      { dependencies: { double: { capability: "double", output: z.number(), required: true } } },
      async (_, { double }) => await double({ n: 21 }),
    ),
    "GET /optional": route(
      { dependencies: { double: { capability: "double" } } },
      (_, { double }) => double === undefined ? "without" : double.target.agentId,
    ),
    "GET /upstream/plain": route(
      { dependencies: { ticks: { capability: "ticks", required: true } } },
      (_, { ticks }) => ticks.stream(),
    ),
    "GET /events/fails/:how": ({ params }) =>
      sse((function* () {
        switch (params.how) {
          case "bad_input":
          case "not_found":
            throw new MeshError(params.how, "no");
          default:
            yield new Map();
        }
      })()),
    "GET /late": () => sse(late(), { keepAliveMs: 10 }),
    "GET /release": () => released.resolve(),
    "GET /upstream": route(
      { dependencies: { ticks: { capability: "ticks", required: true } } },
      (_, { ticks }) => sse(ticks.stream(), { onError: () => {} }),
    ),
    "GET /context": (_, { headers, trace, signal }) => ({
      headers,
      trace,
      aborted: signal.aborted,
    }),
    "GET /logs": (_, { log }) => log.info("logged", { answer: 42 }),
    "GET /fails/:how": ({ params }) => {
      switch (params.how) {
        case "plainly":
          throw new RangeError("a secret of this process");
        case "badly":
          throw new MeshError("bad_input", "not on Sundays", { details: { day: "Sunday" } });
        case "missing":
          throw new MeshError("not_found", "no such trip");
        case "loaded":
          throw new MeshError("overloaded", "come back later");
        case "cyclically": {
          const value: Record<string, unknown> = {};
          return value["self"] = value;
        }
        case "with-text":
          return new Response(
            new ReadableStream({
              start(controller) {
                // What the compiler refuses, plain JavaScript does not.
                controller.enqueue("no bytes" as unknown as Uint8Array<ArrayBuffer>);
              },
            }),
          );
        default:
          return Deno.readTextFile("/etc/hostname");
      }
    },
    "GET /waits": (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    "GET /iterable": () => watched(["a", "b\nc", "", { n: 1 }, null]),
    "GET /events": () => sse(watched(endless())),
    "GET /closed": () => closed.promise,
    "GET /ticks": async function* () {
      for (let number = 0; number < 3; number++) {
        yield number;
        await new Promise((resolve) => setTimeout(resolve, 350));
      }
    },
    "GET /silent": (_, { signal }) => sse(silent(signal)),
    "GET /silent/alive": (_, { signal }) => sse(silent(signal), { keepAliveMs: 10 }),
    "GET /silent/after/one": (_, { signal }) => sse(afterOne(silent(signal))),
    "GET /breaks/:where": ({ params }) =>
      new Response(ReadableStream.from(broken(params.where === "within" ? "data: tw" : "")), {
        headers: { "content-type": "text/event-stream" },
      }),
    "GET /large": () => new Response(new Uint8Array(3 * 1024 * 1024).fill(121)),
    // The same memory again and again: whoever takes it away from the handler is found out.
    "GET /repeated": () =>
      new Response(ReadableStream.from((async function* () {
        for (let count = 0; count < 20; count++) yield await Promise.resolve(CHUNK);
      })())),
    "GET /endless": () => {
      produced = 0;
      return new Response(ReadableStream.from((async function* () {
        for (;;) {
          produced += 1;
          yield await Promise.resolve(CHUNK);
        }
      })()));
    },
    "GET /produced": () => produced,
    "GET /crashes": () => sse(watched(crashing())),
    "GET /crashes/after/one": () => sse(afterOne(watched(crashing()))),
  },
});
