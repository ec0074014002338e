import { deepEqual } from "node:assert/strict";
import type { AgentRecord } from "../../runtime/process/plan.ts";
import { childGrant } from "../../runtime/sandbox/child_grant.ts";
import { createPalette } from "../output/colour.ts";
import { permissionBlock, permissionJson } from "./permission_view.ts";

const permissions = { net: ["localhost", "a.example"], env: ["REDIS_URL", "MCP_MESH_*"] };
const record: AgentRecord = {
  name: "some",
  file: "/x/some.ts",
  pid: 1,
  phase: "registered",
  registry: "http://localhost:8000",
  started_at: "2026-06-01T00:00:00Z",
  unresolved: [],
  permissions,
  data: "/home/data/some",
};
const child = childGrant(permissions, {}, {
  meshPorts: [8000],
  environment: { REDIS_URL: "redis://localhost:6379", MCP_MESH_REGISTRY_URL: "http://localhost" },
  closed: ["/home/agents"],
});
const options = { palette: createPalette(false), now: 0 };

Deno.test("permissionBlock() shows what the process of an agent's code gets, and what not", () => {
  deepEqual(permissionBlock({ ...record, child }, options), [
    "some  /x/some.ts",
    "  May touch  --allow-net=a.example,localhost:6379 --allow-env=REDIS_URL,MCP_MESH_*",
    "  Machine    localhost:6379",
    "  Variables  REDIS_URL",
    "  Left out   --allow-net=localhost: of this machine only the ports that it names or its " +
    "variables do: 6379 (REDIS_URL)",
    "             --allow-env=MCP_MESH_*: of the variables of the mesh only MCP_MESH_DATA_DIR, " +
    "MCP_MESH_LOG_FORMAT, MCP_MESH_LOG_LEVEL are passed on",
    "  Keeps      files in /home/data/some",
    "  Refused    nothing",
  ]);
});

Deno.test("permissionBlock() says that --allow-run is a way out", () => {
  const lines = permissionBlock({ ...record, permissions: { run: ["git"], ffi: false } }, options);
  deepEqual(lines.slice(1), [
    "  May touch  --allow-run=git",
    "  Keeps      files in /home/data/some",
    "  A way out  --allow-run=git: what it runs is held to none of this",
    "  Refused    nothing",
  ]);
});

Deno.test("permissionJson() has the whole grant of a process, and says where code runs", () => {
  const shown = permissionJson({ ...record, child });
  deepEqual([shown.isolation, shown.process, shown.data], ["process", child, "/home/data/some"]);
  deepEqual(permissionJson(record).isolation, "worker");
});

Deno.test("permissionBlock() says how much is in the data folder, and when it may not be written", () => {
  const MIB = 1024 ** 2;
  const use = { bytes: 3 * MIB, limit: 1024 * MIB, is_whole: true };
  const kept = (data_use: AgentRecord["data_use"]) =>
    permissionBlock({ ...record, ...(data_use && { data_use }) }, options)
      .filter((line) => /Keeps|but may not/.test(line));
  deepEqual(kept(use), ["  Keeps      files in /home/data/some: 3 MiB of 1,024 MiB"]);
  deepEqual(kept({ ...use, bytes: 1, limit: MIB }), [
    "  Keeps      files in /home/data/some: less than 1 MiB of 1 MiB",
  ]);
  deepEqual(kept({ ...use, bytes: 2_048 * MIB, is_whole: false, closed: "keeps too much" }), [
    "  Keeps      files in /home/data/some: at least 2,048 MiB of 1,024 MiB",
    "             but may not write there until files are removed",
  ]);
  deepEqual(permissionJson({ ...record, data_use: use }).data_use, use);
  deepEqual(permissionJson(record).data_use, null);
});
