/** Secrets are in nothing that the mesh says, writes or answers. */
import { deepEqual, match, ok } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { NO_LLM_KEYS, withMesh } from "./meshctl.ts";
import { tripPlannerFile } from "./trip_planner_fixture.ts";

const SECRETS = {
  vendor: "sk-seeded-vendor-key-8b1f",
  state: "seeded-request-state-key-of-32-characters-77",
  redis: "seeded-redis-password-31d0",
  word: "seeded-base-url-password-9c07",
  // What is sent of it.
  basic: btoa("ada:seeded-base-url-password-9c07"),
};

/** Every file below a folder, as text. */
async function filesOf(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(path, await readFile(path, "latin1"));
  }
  return files;
}

Deno.test("no secret is in any output, log, record, metric, trace or answer", async () => {
  // A vendor that says back what it was sent, as some do with a key they do not take.
  await using vendor = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    ({ headers }) => {
      const key = headers.get("authorization") ?? headers.get("x-api-key") ?? "";
      return Response.json({ error: { message: `Incorrect key: ${key}` } }, { status: 401 });
    },
  );
  await withMesh(async (mesh) => {
    const said = new Map<string, string>();
    const run = async (...args: string[]) => {
      const { stdout, stderr } = await mesh.run(...args);
      said.set(args.join(" "), stdout + stderr);
      return stdout + stderr;
    };
    const providers = ["openai-provider.ts", "claude-provider.ts"].map(tripPlannerFile);
    await run("start", "-d", "--dte", "--json-logs", ...providers);
    const request = { request: { messages: [{ role: "user", content: "hi" }] } };
    const called = await run("call", "openai_provider", JSON.stringify(request), "--trace");
    match(called, /Trace ID/);
    match(called, /Incorrect key: Bearer \[key\]/);
    match(
      await run("call", "claude_provider", JSON.stringify(request), "--trace"),
      /Incorrect key: Basic \[key\]/,
    );
    for (const command of ["list --json", "status", "list --tools", "config show", "trace ls"]) {
      await run(...command.split(" "));
    }
    const lines = await run(
      "logs",
      "openai-provider",
      "claude-provider",
      "registry",
      "--tail",
      "0",
    );
    match(lines, /"trace":"[0-9a-f]{32}"/);
    const { agents } = JSON.parse((await mesh.run("list", "--json")).stdout);
    for (const url of [`${agents[0].endpoint}/metrics`, `${mesh.registryUrl}/trace/status`]) {
      said.set(url, await (await fetch(url)).text());
    }
    for (const [path, text] of await filesOf(mesh.home)) said.set(path, text);
    ok(said.size > 10);
    const leaks = [...said].flatMap(([where, text]) =>
      Object.entries(SECRETS).filter(([, secret]) => text.includes(secret))
        .map(([name]) => `${name} in ${where}`)
    );
    deepEqual(leaks, []);
  }, {
    ...NO_LLM_KEYS,
    OPENAI_API_KEY: SECRETS.vendor,
    OPENAI_BASE_URL: `http://127.0.0.1:${vendor.addr.port}`,
    ANTHROPIC_API_KEY: SECRETS.vendor,
    ANTHROPIC_BASE_URL: `http://ada:${SECRETS.word}@127.0.0.1:${vendor.addr.port}`,
    MCP_MESH_REQUEST_STATE_KEY: SECRETS.state,
    REDIS_URL: `redis://:${SECRETS.redis}@127.0.0.1:1`,
    MCP_MESH_HTTP_PORT: "0",
  });
});
