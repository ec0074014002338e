import assert from "node:assert/strict";
import { agent, tool } from "mesh";
import { type TestAgent, testMesh } from "mesh/testing";
import { z } from "zod";
import chatHistoryAgent from "./chat-history-agent.ts";
import gateway from "./gateway.ts";

const variables = ["REDIS_URL", "REDIS_HOST", "REDIS_PORT", "CHAT_HISTORY_KV", "TRUSTED_PROXY"];
const permissions = { env: variables, net: false, read: false, run: false, write: false };
const trip = { destination: "Kyoto", dates: "June 1-5, 2026", budget: "$2000" };

/** The gateway with conversations in memory and a planner that repeats what it is told. */
async function served({ proxy = false, planner = true } = {}) {
  for (const name of variables) Deno.env.delete(name);
  Deno.env.set("CHAT_HISTORY_KV", ":memory:");
  if (proxy) Deno.env.set("TRUSTED_PROXY", "true");
  const mesh = testMesh();
  const asked: Record<string, unknown>[] = [];
  if (planner) {
    await mesh.join(agent({
      name: "planner",
      tools: {
        plan_trip: tool(
          {
            capability: "trip_planning",
            input: z.looseObject({}),
            dependencies: { history: { capability: "chat_history" } },
          },
          async function* (args, { history }) {
            asked.push(args);
            yield "Day 1\n";
            if (args["destination"] === "Atlantis") throw new Error("it sank");
            yield "Day 2\n\n";
            const { session_id } = args;
            await history?.callTool("save_turn", { session_id, role: "user", content: "?" });
          },
        ),
      },
    }));
  }
  await mesh.join(chatHistoryAgent);
  const front = await mesh.join(gateway, { env: { MCP_MESH_SETTLE_TIMEOUT: "0" } });
  return {
    asked,
    front,
    get: async (path: string, headers: HeadersInit = {}) => await front.fetch(path, { headers }),
    [Symbol.asyncDispose]: () => mesh[Symbol.asyncDispose](),
  };
}

function post(front: TestAgent, body: unknown, headers: Record<string, string> = {}) {
  return front.fetch("/plan", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

Deno.test("GET /health", { permissions }, async () => {
  await using test = await served();
  const response = await test.get("/health");
  assert.deepEqual(await response.json(), { status: "healthy" });
});

Deno.test("POST /plan answers the plan and the session", { permissions }, async () => {
  await using test = await served();
  const response = await post(test.front, { ...trip, from: "Rome" }, { "x-session-id": "s1" });
  assert.equal(response.headers.get("x-session-id"), "s1");
  assert.deepEqual(await response.json(), { result: "Day 1\nDay 2\n\n", session_id: "s1" });
  assert.deepEqual(test.asked, [{ ...trip, from_city: "Rome", session_id: "s1" }]);
  const { session_id } = await (await post(test.front, trip)).json();
  assert.match(session_id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(test.asked[1], { ...trip, session_id }, "no planner but ours knows from_city");
});

Deno.test("POST /plan streams for those who accept events", { permissions }, async () => {
  await using test = await served();
  const response = await post(test.front, trip, { accept: "text/event-stream" });
  assert.match(response.headers.get("x-session-id") ?? "", /^[0-9a-f-]{36}$/);
  assert.equal(
    (await response.text()).replaceAll(/^: .*\n\n/gm, ""),
    "data: Day 1\ndata: \n\ndata: Day 2\ndata: \ndata: \n\ndata: [DONE]\n\n",
  );
  const failing = await post(test.front, { ...trip, destination: "Atlantis" }, {
    accept: "text/event-stream",
  });
  const text = await failing.text();
  assert.match(text, /data: Day 1\n.*event: error\ndata: \{"error":/s);
  assert.ok(!text.includes("[DONE]"));
});

Deno.test("a session goes on without saying again which trip it is", { permissions }, async () => {
  await using test = await served();
  const session = { "x-session-id": "s1" };
  await (await post(test.front, trip, session)).body?.cancel();
  await (await post(test.front, { message: "Cheaper", budget: "$900" }, session)).body?.cancel();
  assert.deepEqual(test.asked[1], {
    ...trip,
    budget: "$900",
    message: "Cheaper",
    session_id: "s1",
  });
  const [listed, ...others] = await (await test.get("/sessions")).json();
  const { created_at, ...rest } = listed;
  assert.deepEqual(others, []);
  assert.deepEqual(rest, { session_id: "s1", ...trip, budget: "$900", turn_count: 2 });
  assert.ok(Math.abs(Date.now() - Date.parse(created_at)) < 60_000);
  const history = await test.get("/sessions/s1/history");
  assert.deepEqual(await history.json(), Array(2).fill({ role: "user", content: "?" }));
});

const refused: [body: unknown, says: RegExp][] = [
  ["{", /JSON/],
  ["[]", /object/],
  [{ destination: "Kyoto" }, /dates, budget/],
  [{ ...trip, budget: 2000 }, /budget/],
];
for (const [body, says] of refused) {
  Deno.test(`POST /plan refuses ${JSON.stringify(body)}`, { permissions }, async () => {
    await using test = await served();
    const response = await post(test.front, body);
    assert.equal(response.status, 400);
    assert.match(await response.text(), says);
    assert.deepEqual(test.asked, []);
  });
}

Deno.test("POST /plan without a planner is 503 and says so", { permissions }, async () => {
  await using test = await served({ planner: false });
  const response = await post(test.front, trip);
  assert.equal(response.status, 503);
  assert.equal((await response.json()).error, "trip_planning capability unavailable");
});

Deno.test("users of a trusted proxy have their own sessions; nobody else is believed", {
  permissions,
}, async () => {
  const ada = { "x-user-email": "ada@example.com", "x-session-id": "s1" };
  {
    await using test = await served({ proxy: true });
    await (await post(test.front, trip, ada)).body?.cancel();
    assert.equal(test.asked[0]?.["session_id"], "ada@example.com:s1");
    assert.equal((await (await test.get("/sessions", ada)).json()).length, 1);
    assert.deepEqual(await (await test.get("/sessions")).json(), []);
    assert.deepEqual(await (await test.get("/sessions/s1/history")).json(), []);
  }
  await using test = await served();
  await (await post(test.front, trip, ada)).body?.cancel();
  assert.equal(test.asked[0]?.["session_id"], "s1");
});

Deno.test("the page and its parts are served and load nothing else", { permissions }, async () => {
  await using test = await served();
  for (
    const [path, type] of [["/", "html"], ["/page.js", "javascript"], ["/page.css", "css"]] as const
  ) {
    const response = await test.get(path);
    assert.match(response.headers.get("content-type") ?? "", new RegExp(type));
    assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.ok((await response.text()).length > 500);
  }
});
