import { deepEqual, equal } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArguments } from "../app/arguments.ts";
import { contextFixture } from "../app/context_fixture.ts";
import { readStartRequest, START_OPTIONS } from "./start_request.ts";

const COMMAND = {
  name: "start",
  summary: "",
  usage: "",
  positionals: { min: 0, max: Infinity },
  options: START_OPTIONS,
  examples: [],
};

/** The variables that the processes of a `start` get. */
async function variables(...args: string[]): Promise<Record<string, string>> {
  const home = await mkdtemp(join(tmpdir(), "start-request-"));
  try {
    const { options, positionals } = parseArguments(COMMAND, args, "meshctl");
    const { context } = contextFixture({ env: { MCP_MESH_HOME: home } });
    const { environment } = await readStartRequest(options, positionals, context);
    return environment;
  } finally {
    await rm(home, { recursive: true });
  }
}

async function tracing(...args: string[]): Promise<string | undefined> {
  return (await variables(...args))["MCP_MESH_DISTRIBUTED_TRACING_ENABLED"];
}

Deno.test("start --dte switches tracing on, unless --env says otherwise", async () => {
  equal(await tracing("--registry-only"), undefined);
  equal(await tracing("--registry-only", "--dte"), "true");
  const off = "MCP_MESH_DISTRIBUTED_TRACING_ENABLED=false";
  equal(await tracing("--registry-only", "--dte", "--env", off), "false");
});

const TEXT = 'A="one\r\ntwo"\r\nB=3\r\n';
const files: [what: string, bytes: number[]][] = [
  ["of Windows", [...new TextEncoder().encode(TEXT)]],
  ["behind a byte order mark", [0xef, 0xbb, 0xbf, ...new TextEncoder().encode(TEXT)]],
  ["that PowerShell wrote", [0xff, 0xfe, ...[...TEXT].flatMap((c) => [c.charCodeAt(0), 0])]],
];
for (const [what, bytes] of files) {
  Deno.test(`start reads an env file ${what}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "env-file-"));
    try {
      const file = join(folder, ".env");
      await writeFile(file, new Uint8Array(bytes));
      const { A, B } = await variables("--registry-only", "--env-file", file);
      deepEqual([A, B], ["one\ntwo", "3"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}
