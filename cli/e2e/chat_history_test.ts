/** Conversations in a real Redis: what was said survives Redis and the agent. */
import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { installed } from "./installed.ts";
import { type TestMesh, withMesh } from "./meshctl.ts";
import { RedisServer } from "../../.ci/fixtures/redis_server.ts";
import { tripPlannerFile, withTripPlanner } from "./trip_planner_fixture.ts";

const ignore = installed("redis-server") === undefined;

Deno.test(
  "no turn is lost when Redis and the agent go and come back; agents share it",
  { ignore },
  async () => {
    await using redis = await RedisServer.open();
    const file = tripPlannerFile("chat-history-agent.ts");
    await withMesh(async (mesh) => {
      const call = async (tool: string, args: Record<string, unknown>) => {
        const { code, stdout, stderr } = await mesh.run("call", tool, JSON.stringify(args));
        equal(code, 0, stderr + stdout);
        return JSON.parse(stdout).structuredContent;
      };
      const save = (content: string, agent = "chat-history-agent") =>
        call(`${agent}:save_turn`, { session_id: "s", role: "user", content });
      const history = async (agent = "chat-history-agent") => {
        const { result } = await call(`${agent}:get_history`, { session_id: "s" });
        return result.map(({ content }: { content: string }) => content);
      };
      const started = await mesh.run("start", "-d", file);
      equal(started.code, 0);
      doesNotMatch(started.stdout + started.stderr, /degraded/);
      equal((await save("one")).total_turns, 1);

      await redis.kill();
      // It is asked while Redis is gone, and answers as soon as Redis is back.
      const waiting = save("two");
      await redis.start();
      equal((await waiting).total_turns, 2);

      equal((await mesh.run("stop", "chat-history-agent")).code, 0);
      equal((await mesh.run("start", "-d", file)).code, 0);
      deepEqual(await history(), ["one", "two"]);

      const second = await mesh.execute(file, {
        REDIS_URL: redis.url,
        MCP_MESH_AGENT_NAME: "second-history",
      });
      await second.line("registered as second-history");
      equal((await save("three", "second-history")).total_turns, 3);
      deepEqual(await history(), ["one", "two", "three"]);
      deepEqual(await history("second-history"), ["one", "two", "three"]);
      second.signal("SIGTERM");
      equal((await second.ended).code, 0);
      match((await mesh.run("logs", "chat-history-agent")).stdout, /Redis is connected/);
    }, { REDIS_URL: redis.url, MCP_MESH_HTTP_PORT: "0" });
  },
);

/** Longest that one call may take without Redis, milliseconds: a second of waiting, and a busy machine. */
const PATIENCE_MS = 5_000;

Deno.test(
  "nothing hangs while Redis is away, and what fails says where it was looked for",
  { ignore },
  async () => {
    await using redis = await RedisServer.open();
    const address = new URL(redis.url).host;
    await withTripPlanner(async ({ mesh, plan, addressOf }) => {
      const status = async () => {
        const { agents } = JSON.parse((await mesh.run("list", "--json")).stdout);
        return agents.find(({ name }: { name: string }) => name === "chat-history-agent").status;
      };
      const history = async () => {
        const gateway = await addressOf("gateway");
        const since = performance.now();
        const response = await fetch(`${gateway}/sessions/s/history`);
        const body = await response.json();
        ok(performance.now() - since < PATIENCE_MS);
        return { status: response.status, body };
      };
      const planned = async () => {
        const since = performance.now();
        const response = await plan({ session: "s" });
        const { result } = await response.json();
        equal(response.status, 200);
        match(result, /## Specialist Insights/);
        ok(performance.now() - since < 3 * PATIENCE_MS);
      };
      equal(await status(), "healthy");
      await planned();
      equal((await history()).body.length, 2);

      const away: [how: string, leave: () => unknown, come: () => unknown][] = [
        ["paused", () => redis.pause(), () => redis.resume()],
        ["killed", () => redis.kill(), () => redis.start()],
      ];
      for (const [how, leave, come] of away) {
        const before = (await history()).body.length;
        await leave();
        await planned();
        const { status, body } = await history();
        deepEqual([status, body.error, body.capability], [502, "tool_failed", "chat_history"], how);
        const said = await mesh.run("call", "get_history", '{"session_id":"s"}');
        equal(said.code, 5, how);
        match(said.stdout + said.stderr, new RegExp(`Redis at ${address} does not answer`), how);
        await come();
        // The agent looks for it four times a second.
        while ((await history()).status !== 200);
        await planned();
        equal((await history()).body.length, before + 2, `${how}: what was told to have failed`);
      }
      const { stdout } = await mesh.run("logs", "planner-agent");
      match(stdout, new RegExp(`without its conversation.*Redis at ${address}`));
    }, {
      env: { REDIS_URL: redis.url, MCP_MESH_HEALTH_CHECK_TTL: "1" },
      isolation: "worker",
    });
  },
);

Deno.test("without Redis what was said is in the agent's own folder, and nowhere else", async () => {
  const file = tripPlannerFile("chat-history-agent.ts");
  const turn = JSON.stringify({ session_id: "s", role: "user", content: "one" });
  const counts = async (mesh: TestMesh) => {
    const { stdout } = await mesh.run("call", "save_turn", turn);
    return JSON.parse(stdout).structuredContent.total_turns;
  };
  const env = { MCP_MESH_HTTP_PORT: "0", CHAT_HISTORY_KV: "", REDIS_URL: "", REDIS_HOST: "" };
  await withMesh(async (mesh) => {
    equal((await mesh.run("start", "-d", file)).code, 0);
    equal(await counts(mesh), 1);
    equal((await mesh.run("stop", "chat-history-agent")).code, 0);
    equal((await mesh.run("start", "-d", file)).code, 0);
    equal(await counts(mesh), 2);
    await withMesh(async (other) => {
      equal((await other.run("start", "-d", file)).code, 0);
      equal(await counts(other), 1);
    }, env);
    equal((await mesh.run("stop", "--clean")).code, 0);
    equal((await mesh.run("start", "-d", file)).code, 0);
    equal(await counts(mesh), 1);
  }, env);
});
