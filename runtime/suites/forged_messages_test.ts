/** Messages that agent code forges end that code, which comes back; its neighbours go on. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { isMeshError } from "../base/errors.ts";
import { decodeResult } from "../boundary/result.ts";
import { callTool } from "../mcp/client.ts";
import { AgentProcess } from "../process/process_fixture.ts";
import { FORGED } from "./testdata/forged_messages.ts";

const fileOf = (name: string) => fileURLToPath(new URL(`./testdata/${name}.ts`, import.meta.url));
const NOWHERE = { MCP_MESH_REGISTRY_URL: "http://127.0.0.1:1", MCP_MESH_HTTP_PORT: "0" };

async function call(endpoint: string, tool: string, args: Record<string, unknown> = {}) {
  const signal = AbortSignal.timeout(60_000);
  const asked = { endpoint, tool, args, signal, remainingMs: 60_000, headers: {} };
  return decodeResult(await callTool(fetch, asked));
}

processTest("messages that agent code forges end that code, and nothing else", async (t) => {
  const files = ["forging_agent", "boundless_agent"].map(fileOf);
  await using process = await AgentProcess.plan(files.map((file) => ({ file })), NOWHERE);
  const isListening = ({ phase }: { readonly phase: string }) => phase === "listening";
  const { endpoint: forger = "" } = await process.record(isListening, 0);
  const { endpoint: neighbour = "" } = await process.record(isListening, 1);
  for (const what of Object.keys(FORGED)) {
    await t.step(what, async () => {
      // The call may fail, be answered in its place, or end as if nothing had been.
      const forged = call(forger, "forge", { what }).catch((error: unknown) => {
        assert.ok(isMeshError(error), String(error));
        assert.notEqual(error.code, "unreachable");
      });
      assert.equal(await call(neighbour, "fine"), "fine");
      await forged;
      assert.equal(await call(forger, "fine"), "fine");
      assert.equal(await call(neighbour, "fine"), "fine");
    });
  }
  const { output } = await process.stop("SIGTERM");
  assert.match(
    output,
    /the code of agent "forger" crashed: sent a message of type "span" that has/,
  );
  assert.doesNotMatch(output, /Uncaught|unhandled|TypeError/i);
  assert.doesNotMatch(output, /the code of agent "boundless" crashed/);
});
