import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { AgentListSchema } from "../../runtime/protocol/listing.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const ENTRY = fileURLToPath(new URL("registry.ts", import.meta.url));

/** The entry point served with nothing allowed but the network and the environment. */
async function served() {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["serve", "--no-prompt", "--allow-net", "--allow-env", "--port", "0", ENTRY],
    env: { MCP_MESH_KV: ":memory:", NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const lines = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  let url: string | undefined;
  while (url === undefined) {
    const { value, done } = await lines.read();
    if (done) throw new Error(`it did not start: ${said}`);
    said += value;
    const port = /http:\/\/\S*?:(\d+)/.exec(said)?.[1];
    if (port !== undefined) url = `http://127.0.0.1:${port}`;
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await lines.cancel();
      await child.status;
    },
  };
}

processTest("the registry answers with --allow-net and --allow-env alone", async () => {
  await using registry = await served();
  const start = performance.now();
  const health = await fetch(`${registry.url}/health`);
  const coldMs = performance.now() - start;
  assert.equal((await health.json()).status, "healthy");
  // Opening the database and answering; the target of 300 ms, with room for a busy machine.
  assert.ok(coldMs < 1_000, `the first answer took ${coldMs} ms`);

  const agent = { agent_id: "p", tools: [{ function_name: "f", capability: "c" }] };
  const body = JSON.stringify(agent);
  const told = await fetch(`${registry.url}/heartbeat`, { method: "POST", body });
  assert.equal((await told.json()).status, "success");
  const beat = await fetch(`${registry.url}/heartbeat/p`, { method: "HEAD" });
  assert.equal(beat.status, 200);
  const listed = AgentListSchema.parse(await (await fetch(`${registry.url}/agents`)).json());
  assert.deepEqual(listed.agents.map(({ id }) => id), ["p"]);
});

processTest("a stream is fed while it is open", async () => {
  await using registry = await served();
  const stream = await fetch(`${registry.url}/agents/stream`);
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader);
  let text = "";
  const until = async (wanted: string) => {
    while (!text.includes(wanted)) text += (await reader.read()).value;
  };
  await until("event: reset");
  const body = JSON.stringify({ agent_id: "late" });
  const told = await fetch(`${registry.url}/heartbeat`, { method: "POST", body });
  await told.body?.cancel();
  await until('"id":"late"');
  await reader.cancel();
});
