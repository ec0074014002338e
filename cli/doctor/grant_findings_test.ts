import { deepEqual } from "node:assert/strict";
import { meshHome } from "../machine/home.ts";
import { expectedGrant, grantFindings } from "./grant_findings.ts";
import { permissionUses } from "./used_permissions.ts";

const options = {
  home: meshHome("/home/me/.mcp-mesh"),
  root: "/project",
  environment: { REDIS_URL: "redis://localhost:6379", MCP_MESH_REGISTRY_URL: "http://localhost" },
  meshPorts: [8000],
};

/** The findings of an agent with these permissions and this text. */
function found(permissions: Parameters<typeof expectedGrant>[0]["permissions"], text = "") {
  const agent = { name: "some", permissions };
  const uses = permissionUses(text).map((use) => ({ ...use, place: `some.ts:${use.line}` }));
  return grantFindings(agent, expectedGrant(agent, options), uses)
    .map(({ level, text }) => `${level}: ${text}`);
}

Deno.test("grantFindings() has nothing to say of a first line that names what it needs", () => {
  const text = `fetch("https://a.example/x"); Deno.env.get("REDIS_URL");
    fetch("http://localhost:6379/"); Deno.env.get("MCP_MESH_LOG_LEVEL")`;
  deepEqual(found({ net: ["a.example", "localhost:6379"], env: ["REDIS_URL"] }, text), []);
});

Deno.test("grantFindings() warns of uses that the first line allows and the process does not", () => {
  const text = `fetch("http://localhost:5432/");\nDeno.env.get("MCP_MESH_REGISTRY_URL");`;
  deepEqual(found({ net: ["localhost"], env: ["MCP_MESH_*"] }, text), [
    'warning: some.ts:1 uses fetch("http://localhost:5432, and its code reaches ' +
    "no port of this machine; name the port: --allow-net=localhost:5432",
    'warning: some.ts:2 uses Deno.env.get("MCP_MESH_REGISTRY_URL"), a variable of the mesh, which ' +
    "is not passed on",
    "ok: its code is not given --allow-net=localhost: a port of this machine has to be named: " +
    "localhost:6379",
    "ok: its code is not given --allow-env=MCP_MESH_*: of the variables of the mesh only MCP_MESH_DATA_DIR, " +
    "MCP_MESH_LOG_FORMAT, MCP_MESH_LOG_LEVEL are passed on",
  ]);
});

Deno.test("grantFindings() says what the wide flags mean", () => {
  deepEqual(found({ net: true, run: ["git"] }), [
    "ok: its code reaches every port of this machine but those of the mesh that were known at its start, " +
    "by --allow-net",
    "ok: its code has a way out by --allow-run=git: what it runs is held to none of this",
  ]);
});
