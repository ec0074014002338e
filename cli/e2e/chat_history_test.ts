/** Conversations in a real Redis: what was said survives Redis and the agent. */
import { deepEqual, equal, match } from "node:assert/strict";
import { installed } from "./installed.ts";
import { type TestMesh, withMesh } from "./meshctl.ts";
import { RedisServer } from "../../.ci/fixtures/redis_server.ts";
import { tripPlannerFile } from "./trip_planner_fixture.ts";

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
      equal((await mesh.run("start", "-d", file)).code, 0);
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
