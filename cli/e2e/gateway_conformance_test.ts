/**
 * The official conformance suite against a registry's `/mcp` with a real agent behind it, in both eras:
 * every scenario that concerns tools.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { serveRegistry } from "../../registry/mod.ts";
import { AgentProcess } from "../../runtime/process/process_fixture.ts";
import { type Check, failedChecks } from "../../runtime/mcp/conformance_fixture.ts";

const AGENT = fileURLToPath(
  new URL("../../runtime/mcp/testdata/conformance_agent.ts", import.meta.url),
);

/** The gateway offers tools. Long-running tasks are jobs in the mesh. */
const NOT_OFFERED =
  /^(prompts|resources|completion|tasks)-|^input-required-result-non-tool-request$/;
/** What a client of the 2025 era can only have within a session. */
const SESSION_ONLY = new Set([
  "elicitation-sep1034-defaults",
  "elicitation-sep1330-enums",
  "logging-set-level",
  "tools-call-elicitation",
  "tools-call-sampling",
  "tools-call-with-logging",
]);
/** Checks of a scenario about everything that are about what is not offered. */
const NOT_OFFERED_CHECK = /-(prompts|resources)-/;

const revisions: [revision: string, least: number][] = [["2025-11-25", 13], ["2026-07-28", 25]];

for (const [revision, least] of revisions) {
  Deno.test(`conformance: the registry's /mcp serves ${revision}`, async (t) => {
    await using registry = await serveRegistry({
      host: "127.0.0.1",
      port: 0,
      kv: ":memory:",
      env: {},
    });
    await using agent = await AgentProcess.plan([{ file: AGENT }], {
      MCP_MESH_REGISTRY_URL: registry.url,
      MCP_MESH_HTTP_PORT: "0",
    });
    await agent.record(({ phase }) => phase === "registered");
    const failed = await failedChecks(`${registry.url}/mcp`, revision);
    const concerned = [...failed].filter(([scenario]) =>
      !NOT_OFFERED.test(scenario) && !SESSION_ONLY.has(scenario)
    );
    assert.ok(concerned.length >= least, `only ${concerned.length} scenarios ran`);
    for (const [scenario, checks] of concerned) {
      const own = checks.filter(({ id }: Check) => !NOT_OFFERED_CHECK.test(id));
      await t.step(scenario, () => assert.deepEqual(own, []));
    }
  });
}
