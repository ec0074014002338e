import { deepEqual, equal, match } from "node:assert/strict";
import { row, type TestMesh } from "../suites/mesh_fixture.ts";

const here = { remote: "127.0.0.1" };

async function drain(mesh: TestMesh, method: string, init: RequestInit = {}) {
  const response = await mesh.send("/admin/drain", { ...init, method }, here);
  return { status: response.status, body: await response.json() };
}

row("drain", "is set, told and cleared, and survives a restart", async (mesh) => {
  const running = { status: 200, body: { draining: false, live_claims: 0 } };
  const draining = { status: 200, body: { draining: true, live_claims: 0 } };
  deepEqual(await drain(mesh, "GET"), running);
  deepEqual(await drain(mesh, "POST"), draining);
  deepEqual(await drain(mesh, "POST"), draining);
  await mesh.restart();
  deepEqual(await drain(mesh, "GET"), draining);
  deepEqual(await drain(mesh, "DELETE"), running);
  deepEqual(await drain(mesh, "GET"), running);
});

row("drain", "a database that does not answer is 503 and named", async (mesh) => {
  mesh.database.fault = new Error("disk full");
  const { status, body } = await drain(mesh, "POST");
  equal(status, 503);
  match(body.error, /database does not answer/);
  mesh.database.fault = undefined;
  equal((await drain(mesh, "GET")).body.draining, false);
});

const strangers: [who: string, remote: string | undefined, headers: Record<string, string>][] = [
  ["another machine", "10.0.0.7", {}],
  ["an unknown connection", undefined, {}],
  ["a proxy on this machine", "127.0.0.1", { "x-forwarded-for": "10.0.0.7" }],
  ["a page of another site", "127.0.0.1", { origin: "https://evil.test" }],
  ["a guesser", "10.0.0.7", { authorization: "Bearer guess" }],
];
for (const [who, remote, headers] of strangers) {
  row("admin", `without a token, ${who} is refused`, async (mesh) => {
    for (const method of ["GET", "POST", "DELETE"]) {
      const peer = remote === undefined ? {} : { remote };
      const response = await mesh.send("/admin/drain", { method, headers }, peer);
      equal(response.status, 403);
      match((await response.json()).error, /MCP_MESH_ADMIN_TOKEN|Origin/);
    }
    equal((await drain(mesh, "GET")).body.draining, false);
  });
}

const TOKEN = "correct-horse";
const shown: [authorization: string | undefined, status: number][] = [
  [`Bearer ${TOKEN}`, 200],
  [`bearer  ${TOKEN}`, 200],
  [`Bearer ${TOKEN}x`, 401],
  [`Basic ${TOKEN}`, 401],
  ["Bearer", 401],
  [undefined, 401],
];
for (const [authorization, status] of shown) {
  row("admin", `with a token set, ${authorization} is ${status} from anywhere`, async (mesh) => {
    for (const remote of ["127.0.0.1", "10.0.0.7"]) {
      const headers = authorization === undefined ? {} : { authorization };
      const response = await mesh.send("/admin/drain", { headers }, { remote });
      equal(response.status, status);
      equal(response.headers.has("www-authenticate"), status === 401);
      await response.body?.cancel();
    }
  }, { env: { MCP_MESH_ADMIN_TOKEN: TOKEN } });
}

row("admin", "what does not exist tells what does, to those let in", async (mesh) => {
  const known = await mesh.send("/admin/rotate", { method: "POST" }, here);
  equal(known.status, 404);
  match((await known.json()).error, /\/admin\/drain/);
  equal((await mesh.send("/admin/rotate", { method: "POST" }, {})).status, 403);
});
