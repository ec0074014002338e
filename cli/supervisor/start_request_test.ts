import { equal } from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArguments } from "../arguments.ts";
import { contextFixture } from "../context_fixture.ts";
import { readStartRequest, START_OPTIONS } from "./start_request.ts";

const COMMAND = {
  name: "start",
  summary: "",
  usage: "",
  positionals: { min: 0, max: Infinity },
  options: START_OPTIONS,
  examples: [],
};

/** The variable of tracing as the processes of a `start` get it. */
async function tracing(...args: string[]): Promise<string | undefined> {
  const home = await mkdtemp(join(tmpdir(), "start-request-"));
  try {
    const { options, positionals } = parseArguments(COMMAND, args, "meshctl");
    const { context } = contextFixture({ env: { MCP_MESH_HOME: home } });
    const { environment } = await readStartRequest(options, positionals, context);
    return environment["MCP_MESH_DISTRIBUTED_TRACING_ENABLED"];
  } finally {
    await rm(home, { recursive: true });
  }
}

Deno.test("start --dte switches tracing on, unless --env says otherwise", async () => {
  equal(await tracing("--registry-only"), undefined);
  equal(await tracing("--registry-only", "--dte"), "true");
  const off = "MCP_MESH_DISTRIBUTED_TRACING_ENABLED=false";
  equal(await tracing("--registry-only", "--dte", "--env", off), "false");
});
