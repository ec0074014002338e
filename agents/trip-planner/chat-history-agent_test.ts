/** Conversations in Deno KV; those in Redis are tried end to end, with a real one. */
import assert from "node:assert/strict";
import { testMesh } from "mesh/testing";
import chatHistoryAgent from "./chat-history-agent.ts";

const variables = ["REDIS_URL", "REDIS_HOST", "REDIS_PORT", "CHAT_HISTORY_KV"];
const permissions = { env: variables, net: false, read: false, run: false, write: false };

/** A mesh with the agent, its conversations in memory. */
async function conversations() {
  for (const name of variables) Deno.env.delete(name);
  Deno.env.set("CHAT_HISTORY_KV", ":memory:");
  const mesh = testMesh();
  await mesh.join(chatHistoryAgent);
  return mesh;
}

Deno.test(
  "turns are kept in their order, each conversation for itself",
  { permissions },
  async () => {
    await using mesh = await conversations();
    const turns = ["user", "assistant", "user"].map((role, index) => ({
      role,
      content: `${index}`,
    }));
    for (const [index, turn] of turns.entries()) {
      assert.deepEqual(await mesh.call("save_turn", { session_id: "a", ...turn }), {
        session_id: "a",
        role: turn.role,
        saved: true,
        total_turns: index + 1,
      });
    }
    await mesh.call("save_turn", { session_id: "b", role: "user", content: "other" });
    assert.deepEqual(await mesh.call("get_history", { session_id: "a" }), turns);
    assert.deepEqual(await mesh.call("get_history", { session_id: "a", limit: 2 }), turns.slice(1));
    assert.deepEqual(await mesh.call("get_history", { session_id: "c" }), []);
  },
);

Deno.test("turns saved at the same time are all kept", { permissions }, async () => {
  await using mesh = await conversations();
  const contents = Array.from({ length: 30 }, (_, index) => `${index}`);
  const totals = await Promise.all(contents.map(async (content) => {
    const saved = await mesh.call("save_turn", { session_id: "a", role: "user", content });
    return (saved as { total_turns: number }).total_turns;
  }));
  assert.deepEqual(totals.toSorted((a, b) => a - b), contents.map((_, index) => index + 1));
  const kept = await mesh.call("get_history", { session_id: "a", limit: 100 });
  assert.deepEqual(
    (kept as { content: string }[]).map(({ content }) => content).toSorted(),
    contents.toSorted(),
  );
});

Deno.test(
  "a conversation without a name, or a limit of nothing, is refused",
  { permissions },
  async () => {
    await using mesh = await conversations();
    await assert.rejects(mesh.call("save_turn", { session_id: "", role: "user", content: "" }), {
      code: "bad_input",
      message: /session_id/,
    });
    await assert.rejects(mesh.call("get_history", { session_id: "a", limit: 0 }), {
      code: "bad_input",
      message: /limit/,
    });
  },
);
