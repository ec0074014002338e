import { deepEqual, equal, match } from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contextFixture, type ContextFixtureOptions } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";

async function config(args: string[], options: ContextFixtureOptions = {}) {
  const fixture = contextFixture(options);
  const code = await dispatch(["config", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "config-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("config show prints YAML with the origin of every value", async () => {
  const { code, stdout } = await config(["show", "--registry-port", "9000"], {
    env: { MCP_MESH_LOG_LEVEL: "debug", MCP_MESH_ADMIN_TOKEN: "s3cret", COLUMNS: "132" },
  });
  equal(code, 0);
  deepEqual(stdout.split("\n").map((line) => line.replace(/ +/g, " ")), [
    'registry_url: "http://localhost:9000" # flag --registry-port',
    'registry_host: "localhost" # flag --registry-port',
    "registry_port: 9000 # flag --registry-port",
    'db_path: "/nowhere/mesh/mcp_mesh_registry.kv" # env MCP_MESH_HOME',
    'log_level: "DEBUG" # env MCP_MESH_LOG_LEVEL',
    "startup_timeout: 30 # default",
    "settle_timeout: 20 # default",
    "shutdown_timeout: null # default",
    "reload_debounce: 0.2 # default",
    'state_dir: "/nowhere/mesh" # env MCP_MESH_HOME',
    "agent_name: null # default",
    'admin_token: "(set)" # env MCP_MESH_ADMIN_TOKEN',
    "mcp_token: null # default",
    "columns: 132 # env COLUMNS",
    "no_color: null # default",
    'version: "0.1.0" # default',
    "",
  ]);
});

Deno.test("config show --format json has the reference's keys, and the origins apart", async () => {
  for (const form of [["--format", "json"], ["--json"]]) {
    const { stdout } = await config(["show", ...form], { env: { MCP_MESH_KV: "/kv" } });
    const document = JSON.parse(stdout);
    deepEqual(
      [document.registry_host, document.registry_port, document.db_path, document.log_level],
      ["localhost", 8000, "/kv", "INFO"],
    );
    deepEqual(document.origins.db_path, { from: "env", name: "MCP_MESH_KV" });
    deepEqual(document.origins.registry_url, { from: "default", name: null });
    equal(document.admin_token, null);
  }
});

Deno.test("config show names the project file a registry comes from", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, "deno.json"), '{"mesh": {"registry": "http://project:1"}}');
    const { stdout } = await config(["show", "--json"], { cwd: folder });
    const document = JSON.parse(stdout);
    equal(document.registry_url, "http://project:1");
    deepEqual(document.origins.registry_port, {
      from: "project",
      name: join(folder, "deno.json"),
    });
    match((await config(["show"], { cwd: folder })).stdout, /# project file \/.*deno\.json$/m);
  });
});

Deno.test("config show refuses what cannot be used", async () => {
  const rows: [string[], ContextFixtureOptions, RegExp][] = [
    [["show", "--format", "xml"], {}, /--format is "xml"/],
    [["show", "--format", "yaml", "--json"], {}, /exclude each other/],
    [["show"], { env: { MCP_MESH_LOG_LEVEL: "loud" } }, /MCP_MESH_LOG_LEVEL is "loud"/],
    [["show"], { env: { MCP_MESH_REGISTRY_URL: "nope" } }, /MCP_MESH_REGISTRY_URL is "nope"/],
    [["foo"], {}, /unknown command "foo" of config/],
    [["path", "extra"], {}, /does not know what to do with "extra"/],
  ];
  for (const [args, options, message] of rows) {
    const { code, stdout, stderr } = await config(args, options);
    deepEqual([code, stdout], [2, ""]);
    match(stderr, message);
  }
});

Deno.test("config path is the file that names the registry, or the one to write it into", async () => {
  await withFolder(async (folder) => {
    const inner = join(folder, "a", "b");
    await mkdir(inner, { recursive: true });
    await writeFile(join(folder, "a", "deno.json"), '{"tasks": {}}');
    const nearest = await config(["path"], { cwd: inner });
    equal(nearest.stdout, `${join(folder, "a", "deno.json")}\n`);
    match(nearest.stderr, /It names no registry/);
    await writeFile(join(folder, "deno.json"), '{"mesh": {"registry": "http://project:1"}}');
    const named = await config(["path"], { cwd: inner });
    deepEqual([named.stdout, named.stderr], [`${join(folder, "deno.json")}\n`, ""]);
    deepEqual(JSON.parse((await config(["path", "--json"], { cwd: inner })).stdout), {
      schema_version: 1,
      path: join(folder, "deno.json"),
      registry: "http://project:1",
    });
  });
  equal((await config(["path"])).stdout, "/nowhere/deno.json\n");
});
