/**
 * The official conformance suite against a real agent process, in both eras of the protocol: every
 * scenario the suite runs for a revision, scored or not, but those named here with their reason.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { AgentProcess } from "../process/process_fixture.ts";
import { failedChecks } from "./conformance_fixture.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

interface Case {
  readonly revision: string;
  /** Whether clients of the 2025 era may hold sessions. */
  readonly sessions: boolean;
  /** Most connections at a time, where there is a limit. */
  readonly connections?: string;
  /** Scenarios of the revision, at least. */
  readonly least: number;
  /** Scenarios that do not apply. */
  readonly without: (scenario: string) => boolean;
}

/** Long-running tasks are an extension of the protocol that agents do not offer: the mesh has jobs. */
const isTask = (scenario: string) => scenario.startsWith("tasks-");

/**
 * What a client of the 2025 era can only have within a session: being asked, being told of changes,
 * log lines. An agent without sessions says so when the client connects.
 */
const SESSION_ONLY = new Set([
  "elicitation-sep1034-defaults",
  "elicitation-sep1330-enums",
  "logging-set-level",
  "resources-subscribe",
  "resources-unsubscribe",
  "tools-call-elicitation",
  "tools-call-sampling",
  "tools-call-with-logging",
]);

const cases: readonly Case[] = [
  { revision: "2025-11-25", sessions: true, least: 33, without: () => false },
  { revision: "2025-11-25", sessions: false, least: 33, without: (name) => SESSION_ONLY.has(name) },
  { revision: "2026-07-28", sessions: false, least: 50, without: isTask },
];

const limited = cases.map((each): Case => ({ ...each, connections: "100" }));

for (const { revision, sessions, connections, least, without } of [...cases, ...limited]) {
  const how = sessions ? "with" : "without";
  const limit = connections === undefined ? "" : `, with a limit of ${connections} connections`;
  processTest(`conformance: an agent ${how} sessions serves ${revision}${limit}`, async (t) => {
    await using process = await AgentProcess.plan(
      [{ file: file("./testdata/conformance_agent.ts") }],
      {
        MCP_MESH_REGISTRY_URL: "http://127.0.0.1:1",
        MCP_MESH_MCP_SESSIONS: String(sessions),
        MCP_MESH_HTTP_PORT: "0",
        ...(connections !== undefined && { MCP_MESH_MAX_CONNECTIONS: connections }),
      },
    );
    const { endpoint } = await process.record(({ phase }) => phase === "listening");
    const failed = await failedChecks(`${endpoint}/mcp`, revision);
    assert.ok(failed.size >= least, `only ${failed.size} scenarios ran`);
    for (const [scenario, checks] of failed) {
      if (without(scenario)) continue;
      await t.step(scenario, () => assert.deepEqual(checks, []));
    }
  });
}
