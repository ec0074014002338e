/** Gateways of every kind in front of real agents, asked as a browser would ask them. */
import { deepEqual, equal, match } from "node:assert/strict";
import { readEvents } from "../../runtime/base/sse.ts";
import { fixture, freePort, type TestMesh, withMesh } from "./meshctl.ts";
import { userFile } from "./program.ts";

const example = (name: string) => userFile(`agents/examples/${name}.ts`);

/** Where an agent of the mesh answers, by its name. */
async function addressOf(mesh: TestMesh, name: string): Promise<string> {
  const { agents } = JSON.parse((await mesh.run("list", "--json")).stdout);
  return agents.find((agent: { name: string }) => agent.name === name).endpoint;
}

function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  const type = { "content-type": "application/json" };
  return { method: "POST", headers: { ...type, ...headers }, body: JSON.stringify(body) };
}

const TRIP = { destination: "Tokyo", dates: "June 1-5", budget: "$2000" };

Deno.test("start runs a gateway in a sandbox; list shows it as one, without tools", async () => {
  await withMesh(async (mesh) => {
    const started = await mesh.run("start", "-d", fixture("planner"), fixture("front"));
    equal(started.code, 0, started.stderr);
    match((await mesh.run("list")).stdout, /^front-api-\S+ +Deno +API +healthy +2\/2 +0\/0 /m);
    const tools = JSON.parse((await mesh.run("list", "--tools", "--json")).stdout);
    deepEqual(
      tools.map(({ tool_name }: { tool_name: string }) => tool_name).toSorted(),
      ["plan_trip", "stream_trip"],
    );
    const status = (await mesh.run("status", "front")).stdout;
    match(status, /Routes:\n.*\n.*\n +POST \/plan +available\n +POST \/days +available\n/);
    match(
      (await mesh.run("why", "front")).stdout,
      /^trip_planning of front:POST \/plan is resolved/,
    );
    equal((await mesh.run("call", "front:POST /plan")).code, 3);

    const url = await addressOf(mesh, "front");
    match(await (await fetch(`${url}/`)).text(), /<title>Trips<\/title>/);
    const planned = await fetch(`${url}/plan`, post(TRIP));
    deepEqual(await planned.json(), { result: "A trip to Tokyo for undefined" });
    const unfit = await fetch(`${url}/plan`, post({}));
    deepEqual([unfit.status, (await unfit.json()).issues[0].path], [400, "destination"]);
    equal((await (await fetch(`${url}/health`)).json()).status, "healthy");

    const secret = await fetch(`${url}/secret`);
    deepEqual([secret.status, (await secret.text()).includes("hostname")], [500, false]);
    match((await mesh.run("logs", "front")).stdout, /GET \/secret failed.*--allow-read/);
  });
});

Deno.test("a reader that leaves a stream of a gateway ends the work of the agent behind it", async () => {
  await withMesh(async (mesh) => {
    const agents = mesh.spawn("start", fixture("planner"), fixture("front"));
    await agents.line("Ctrl+C stops everything");
    const response = await fetch(`${await addressOf(mesh, "front")}/days`, post(TRIP));
    equal(response.headers.get("content-type"), "text/event-stream");
    const seen: string[] = [];
    for await (const { data } of readEvents(response.body ?? ReadableStream.from([]))) {
      // Leaving the loop closes the connection.
      if (seen.push(data) === 3) break;
    }
    deepEqual(seen, ["Day 1\nTokyo\n", "Day 2\nTokyo\n", "Day 3\nTokyo\n"]);
    await agents.line("put the pen down");
    agents.signal("SIGINT");
    equal((await agents.ended).code, 0);
  });
});

Deno.test("a gateway follows what it depends on: 503 while it is away", async () => {
  await withMesh(async (mesh) => {
    const front = mesh.spawn("start", example("hono-gateway"), "--env", "MCP_MESH_HTTP_PORT=0");
    await front.line("Ctrl+C stops everything");
    const url = await addressOf(mesh, "hono-gateway");
    const away = await fetch(`${url}/plan`, post(TRIP));
    deepEqual([away.status, (await away.json()).capability], [503, "trip_planning"]);

    equal((await mesh.run("start", "-d", fixture("planner"))).code, 0);
    const wired = await front.line("(trip_planning) of fetch is wired to planner-");
    const planned = await fetch(`${url}/plan`, post(TRIP, { "x-session-id": "s-1" }));
    deepEqual(await planned.json(), { result: "A trip to Tokyo for s-1", session_id: "s-1" });
    deepEqual(await (await fetch(`${url}/health`)).json(), { status: "healthy" });

    equal((await mesh.run("stop", "planner")).code, 0);
    await front.line("(trip_planning) of fetch is not wired", wired);
    const gone = await fetch(`${url}/plan`, post(TRIP));
    equal(gone.status, 503);
    await gone.body?.cancel();
    front.signal("SIGINT");
    equal((await front.ended).code, 0);
  }, { MCP_MESH_SETTLE_TIMEOUT: "0.3" });
});

Deno.test("a plain node:http server joins the mesh, and leaves it", async () => {
  await withMesh(async (mesh) => {
    equal((await mesh.run("start", "-d", fixture("planner"))).code, 0);
    const port = freePort();
    const server = await mesh.execute(example("node-gateway"), {
      MCP_MESH_HTTP_PORT: String(port),
    });
    await server.line("(trip_planning) of app is wired to planner-");
    const url = `http://127.0.0.1:${port}`;
    const planned = await fetch(`${url}/plan`, post(TRIP, { "x-session-id": "s-2" }));
    deepEqual(await planned.json(), { result: "A trip to Tokyo for s-2", session_id: "s-2" });
    const unfit = await fetch(`${url}/plan`, post({ destination: "Tokyo" }));
    deepEqual([unfit.status, /dates/.test((await unfit.json()).error)], [400, true]);
    deepEqual(await (await fetch(`${url}/health`)).json(), { status: "healthy" });
    equal((await (await fetch(`${url}/none`)).json()).error, "not found");

    match(
      (await mesh.run("list")).stdout,
      new RegExp(`^node-gateway-api-\\S+ .* API +healthy +1/1 +0/0 +127.0.0.1:${port} `, "m"),
    );
    server.signal("SIGTERM");
    equal((await server.ended).code, 0);
    const { agents } = JSON.parse((await mesh.run("list", "--json")).stdout);
    deepEqual(agents.map(({ name }: { name: string }) => name), ["planner"]);
  });
});
