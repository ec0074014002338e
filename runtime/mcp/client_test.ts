import assert from "node:assert/strict";
import { tooDeep } from "../base/deep_message.ts";
import { callTool, listAgent, type ToolCall } from "./client.ts";

const call: ToolCall = {
  endpoint: "http://peer:1",
  tool: "t",
  args: { a: 1 },
  signal: new AbortController().signal,
  remainingMs: 1500,
  headers: { "x-tenant": "acme" },
};
const ok = { jsonrpc: "2.0", id: 1, result: { content: [{ type: "text", text: "ok" }] } };

function answering(answer: () => Response | Promise<Response>): typeof fetch {
  return () => Promise.resolve().then(answer);
}

function sse(...messages: unknown[]): Response {
  const text = messages.map((message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`);
  return new Response(`: hello\n\n${text.join("")}`, {
    headers: { "content-type": "text/event-stream; charset=utf-8" },
  });
}

Deno.test("callTool() is one POST the reference's agents understand", async () => {
  let seen: Request | undefined;
  const result = await callTool((input, init) => {
    seen = new Request(input, init);
    return Promise.resolve(Response.json(ok));
  }, call);
  assert.deepEqual(result, ok.result);
  assert.equal(seen?.url, "http://peer:1/mcp");
  assert.equal(seen?.headers.get("accept"), "application/json, text/event-stream");
  assert.equal(seen?.headers.get("x-mesh-timeout"), "2", "whole seconds, rounded up");
  assert.equal(seen?.headers.get("x-tenant"), "acme");
  assert.deepEqual(await seen?.json(), {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "t", arguments: { a: 1 } },
  });
});

Deno.test("callTool() does not add /mcp twice", async () => {
  let url: string | undefined;
  await callTool((input) => {
    url = String(input);
    return Promise.resolve(Response.json(ok));
  }, { ...call, endpoint: "http://peer:1/mcp" });
  assert.equal(url, "http://peer:1/mcp");
});

Deno.test("callTool() takes a result beside which the error is null", async () => {
  const fetch = answering(() => Response.json({ ...ok, error: null }));
  assert.deepEqual(await callTool(fetch, call), ok.result);
});

Deno.test("callTool() reads an answer out of an event stream", async () => {
  assert.deepEqual(
    await callTool(answering(() => sse({ method: "notifications/x" }, ok)), call),
    ok.result,
  );
});

Deno.test("callTool() hands on chunks with its own token only, and no progress", async () => {
  const chunks: unknown[] = [];
  await callTool(async (_input, init) => {
    const { params } = JSON.parse(String(init?.body));
    const progress = (progressToken: unknown, params: Record<string, unknown>) => ({
      method: "notifications/progress",
      params: { progressToken, progress: 1, ...params },
    });
    const own = params._meta.progressToken;
    return await Promise.resolve(sse(
      progress(own, { message: "a" }),
      progress("other", { message: "b" }),
      progress(own, { message: "half", _meta: { "mesh/progress": true } }),
      progress(own, { message: "{}", _meta: { "mesh/chunk": { n: 1 } } }),
      progress(own, { total: 3 }),
      ok,
    ));
  }, {
    ...call,
    onChunk: (chunk) => {
      chunks.push(chunk);
      return Promise.resolve();
    },
  });
  assert.deepEqual(chunks, ["a", { n: 1 }]);
});

function refusal(headers: Record<string, string>): Response {
  return new Response("busy", { status: 503, headers });
}

/** The part of an error that a row names. */
interface Expected {
  code: string;
  nothingRan?: boolean;
  details?: unknown;
  message?: RegExp;
}

const failures: [name: string, fetch: typeof fetch, expected: Expected][] = [
  [
    "a refused connection",
    answering(() => {
      throw new TypeError("fetch failed", {
        cause: new Error("client error (Connect): refused"),
      });
    }),
    {
      code: "unreachable",
      nothingRan: true,
      message: /http:\/\/peer:1 cannot be reached, nothing ran: .*refused/,
    },
  ],
  [
    "a connection lost while waiting",
    answering(() => {
      throw new TypeError("fetch failed", { cause: new Error("connection closed") });
    }),
    {
      code: "interrupted",
      nothingRan: false,
      message: /peer:1 was lost before it answered; the call may have run: .*connection closed/,
    },
  ],
  ["503 with Retry-After", answering(() => refusal({ "retry-after": "2" })), {
    code: "overloaded",
    nothingRan: true,
    details: { status: 503, retryAfterMs: 2000 },
    message: /answered 503: busy$/,
  }],
  ["503 of a door of the mesh", answering(() => refusal({ "x-mesh-refused": "overloaded" })), {
    code: "overloaded",
    nothingRan: true,
  }],
  ["503 of anybody", answering(() => refusal({})), {
    code: "interrupted",
    nothingRan: false,
    message: /answered 503: busy; it may have run$/,
  }],
  ["500", answering(() => new Response(null, { status: 500 })), {
    code: "interrupted",
    message: /answered 500; it may have run$/,
  }],
  ["404", answering(() => new Response(null, { status: 404 })), {
    code: "protocol",
    nothingRan: true,
  }],
  ["400 of an agent that says why", answering(() => tooDeep("{}")), {
    code: "bad_input",
    nothingRan: true,
    message: /^the request cannot be read: it is nested deeper than 200 levels$/,
  }],
  ["400 whose words are those of nobody", answering(() => Response.json(7, { status: 400 })), {
    code: "protocol",
    nothingRan: true,
  }],
  ["HTML", answering(() => new Response("<html>")), {
    code: "protocol",
    message: /no message: <html>/,
  }],
  ["JSON that is no object", answering(() => Response.json(null)), {
    code: "protocol",
    message: /no message: null/,
  }],
  ["a null for a result", answering(() => Response.json({ result: null })), {
    code: "protocol",
    message: /without a result/,
  }],
  ["JSON without a result", answering(() => Response.json({})), {
    code: "protocol",
    message: /without a result/,
  }],
  [
    "an unknown tool",
    answering(() => Response.json({ error: { code: -32602, message: "Unknown tool: t" } })),
    {
      code: "not_found",
      nothingRan: true,
      message: /Unknown tool: t/,
    },
  ],
  [
    "a failure in a tool whose words look like an unknown tool",
    answering(() => Response.json({ error: { code: -32603, message: "tool t: key not found" } })),
    {
      code: "protocol",
      message: /key not found/,
    },
  ],
  [
    "another JSON-RPC error",
    answering(() => Response.json({ error: { code: -32603, message: "oops" } })),
    {
      code: "protocol",
      message: /oops/,
    },
  ],
  ["a stream that ends early", answering(() => sse({ method: "notifications/x" })), {
    code: "interrupted",
    message: /ended its answer without a result/,
  }],
];

for (const [name, fetch, expected] of failures) {
  Deno.test(`callTool() of ${name} is ${expected.code}`, async () => {
    await assert.rejects(callTool(fetch, call), expected);
  });
}

Deno.test("callTool() takes no answer that is longer than fits, in either form", async () => {
  const long = new Uint8Array(1024 * 1024).fill(32);
  for (const type of ["application/json", "text/event-stream"]) {
    let sent = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (stream) => stream.enqueue((sent += 1, long)),
    });
    const fetch = answering(() => new Response(body, { headers: { "content-type": type } }));
    await assert.rejects(callTool(fetch, call), {
      code: "protocol",
      message: /answered more than fits/,
    });
    assert.ok(sent < 40, `${sent} MiB`);
  }
});

for (const depth of [201, 5_000, 100_000]) {
  const nested = "[".repeat(depth) + "]".repeat(depth);
  const texts: [where: string, text: string][] = [
    ["result", `{"result":{"structuredContent":{"a":${nested}}}}`],
    ["error", `{"error":{"code":-32603,"message":"no","data":${nested}}}`],
    ["id", `{"id":${nested},"result":{}}`],
    ["notification", `{"method":"notifications/progress","params":{"_meta":{"a":${nested}}}}`],
  ];
  for (const [where, text] of texts) {
    for (const type of ["application/json", "text/event-stream"]) {
      Deno.test(`callTool() takes no ${type} with ${depth} levels in its ${where}`, async () => {
        const body = type === "application/json" ? text : `data: ${text}\n\n`;
        const fetch = answering(() => new Response(body, { headers: { "content-type": type } }));
        await assert.rejects(callTool(fetch, call), {
          code: "protocol",
          message: /answered more than fits: it is nested deeper than 200 levels/,
        });
      });
    }
  }
}

Deno.test("callTool() fails with the signal's reason", async () => {
  const abort = new AbortController();
  const hanging: typeof fetch = (_input, init) =>
    new Promise((_, reject) =>
      init?.signal?.addEventListener("abort", () => reject(new TypeError("aborted")))
    );
  const calling = callTool(hanging, { ...call, signal: abort.signal });
  const reason = new Error("gave up");
  abort.abort(reason);
  await assert.rejects(calling, reason);
});

Deno.test("listAgent() reads all pages, and nothing where the method is not known", async () => {
  const pages: Record<string, unknown>[] = [
    { prompts: [1, 2], nextCursor: "b" },
    { prompts: [3] },
  ];
  const cursors: unknown[] = [];
  const paged: typeof fetch = async (input, init) => {
    const { params } = await new Request(input, init).json();
    cursors.push(params.cursor);
    return Response.json({ jsonrpc: "2.0", id: 1, result: pages.shift() });
  };
  assert.deepEqual(await listAgent(paged, "prompts/list", "prompts", call), [1, 2, 3]);
  assert.deepEqual(cursors, [undefined, "b"]);
  const error = { code: -32601, message: "Method not found" };
  const unknown = answering(() => Response.json({ jsonrpc: "2.0", id: 1, error }));
  assert.deepEqual(await listAgent(unknown, "prompts/list", "prompts", call), []);
});

Deno.test("listAgent() reads long pages, and no more of them than fits", async () => {
  const prompts = Array(200_000).fill(1);
  const whole = answering(() => Response.json({ jsonrpc: "2.0", id: 1, result: { prompts } }));
  assert.equal((await listAgent(whole, "prompts/list", "prompts", call)).length, 200_000);
  let pages = 0;
  const endless = answering(() => {
    const result = { prompts: ["x".repeat(1024 * 1024)], nextCursor: String(++pages) };
    return Response.json({ jsonrpc: "2.0", id: 1, result });
  });
  await assert.rejects(listAgent(endless, "prompts/list", "prompts", call), {
    code: "protocol",
    message: /lists more than fits/,
  });
  assert.equal(pages, 32);
});

Deno.test("callTool() and listAgent() are led nowhere else by a peer", async () => {
  let reached = 0;
  const quiet = { port: 0, hostname: "127.0.0.1", onListen() {} };
  await using inner = Deno.serve(quiet, () => {
    reached += 1;
    return Response.json(ok);
  });
  const location = `http://127.0.0.1:${inner.addr.port}/mcp`;
  let status = 307;
  await using peer = Deno.serve(quiet, () => new Response(null, { status, headers: { location } }));
  const endpoint = `http://127.0.0.1:${peer.addr.port}`;
  for (status of [301, 302, 303, 307, 308]) {
    await assert.rejects(callTool(fetch, { ...call, endpoint }), { name: "MeshError" });
    await assert.rejects(listAgent(fetch, "tools/list", "tools", { ...call, endpoint }), {
      name: "MeshError",
    });
  }
  assert.equal(reached, 0);
});
