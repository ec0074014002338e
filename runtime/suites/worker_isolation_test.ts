/** Agent code in a worker without the doors to the process that it shares with the trusted side. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { decodeResult } from "../boundary/result.ts";
import { callTool } from "../mcp/client.ts";
import { AgentProcess } from "../process/process_fixture.ts";
import { hostSandboxed } from "../sandbox/sandboxed.ts";
import { valueOf } from "./call_fixture.ts";

const url = new URL("./testdata/reaching_agent.ts", import.meta.url);

Deno.test("a worker has neither the way to its host, nor what all agents of the user share", async () => {
  await using host = await hostSandboxed({ url: url.href, permissions: {}, log: () => {} });
  assert.deepEqual(await valueOf(host, "globals"), []);
  assert.equal(await valueOf(host, "gpu"), "undefined");
  assert.match(String(await valueOf(host, "internals")), /^(0$|TypeError: Cannot assign)/);
  assert.equal(await valueOf(host, "fine"), "fine");
});

for (
  const whom of [
    "itself",
    "its group",
    "its parent",
    "the group that it is in",
    "everything",
    "the first",
  ]
) {
  Deno.test(`a worker sends no signal to ${whom}`, async () => {
    await using host = await hostSandboxed({ url: url.href, permissions: {}, log: () => {} });
    const said = await valueOf(host, "signals", { whom });
    assert.ok(Array.isArray(said) && said.length === 3);
    for (const each of said) assert.match(each, /^NotCapable: agent code may not send signals/);
  });
}

processTest(
  "a worker with --allow-run runs programs, whose input is not the process's",
  async () => {
    await using host = await hostSandboxed({
      url: url.href,
      permissions: { run: true },
      log: () => {},
    });
    assert.deepEqual(await valueOf(host, "runs"), ["", "piped", "SIGTERM"]);
  },
);

processTest("a worker does not read the commands to its process", async () => {
  const file = fileURLToPath(url);
  await using process = await AgentProcess.plan([{ file }], {
    MCP_MESH_REGISTRY_URL: "http://127.0.0.1:1",
    MCP_MESH_HTTP_PORT: "0",
  }, { commands: true, watched: true });
  await process.tell({ type: "birth", birth: undefined, reach: undefined });
  const { endpoint = "" } = await process.record(({ phase }) => phase === "listening");
  const asked = {
    endpoint,
    tool: "stdin",
    args: {},
    signal: AbortSignal.timeout(30_000),
    remainingMs: 30_000,
    headers: {},
  };
  assert.deepEqual(decodeResult(await callTool(fetch, asked)), [
    "BadResource: Bad resource ID",
    "BadResource",
  ]);
  const report = await process.reload(
    { type: "load", agent: "planned-0", id: 2, permissions: {} },
    "loaded",
    "refused",
  );
  assert.equal(report.phase, "loaded");
});
