import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import {
  HeartbeatResponseSchema,
  type RegistrationInput,
} from "../../runtime/protocol/registration.ts";
import { Fleet } from "../suites/fleet_fixture.ts";
import { consumer, provider, row, type TestMesh } from "../suites/mesh_fixture.ts";
import { StreamReader } from "../suites/sse_fixture.ts";

const MINE = "m".repeat(43);
const THEIRS = "t".repeat(43);
const with_ = (token: string, agent = provider("p", "c")): RegistrationInput => ({
  ...agent,
  instance: { token },
});
const shown = (token: string | undefined): HeadersInit =>
  token === undefined ? {} : { "X-Mesh-Instance": token };

async function beat(mesh: TestMesh, token?: string): Promise<number> {
  const init = { method: "HEAD", headers: shown(token) };
  return (await mesh.send("/heartbeat/p", init)).status;
}

async function goodbye(mesh: TestMesh, token?: string, more: HeadersInit = {}): Promise<number> {
  const headers = { ...shown(token), ...more };
  const response = await mesh.send("/agents/p", { method: "DELETE", headers });
  if (response.status === 409) match((await response.json()).error, /held by another instance/);
  return response.status;
}

row(
  "instance",
  "an id belongs to who registered it, by a token that is confirmed",
  async (mesh) => {
    const first = await mesh.register(with_(MINE));
    deepEqual(first.instance, { token: MINE });
    equal(await beat(mesh, MINE), 200);
    equal((await mesh.register(with_(MINE))).instance?.token, MINE);
    const moved = await mesh.register(with_(MINE, provider("p", ["c", "d"], { http_port: 9001 })));
    equal(moved.status, "success");
    equal((await mesh.agent("p")).endpoint, "http://provider.test:9001");
    equal(await goodbye(mesh, MINE), 204);
    equal((await mesh.agent("p")).status, "unhealthy");
  },
);

row("instance", "one that has no token gets one, another one each", async (mesh) => {
  const asking = { ...provider("p", "c"), instance: {} };
  const { instance } = await mesh.register(asking);
  match(instance?.token ?? "", /^[\w-]{43}$/);
  equal(await beat(mesh, instance?.token), 200);
  const { instance: other } = await mesh.register({ ...provider("q", "c"), instance: {} });
  notEqual(instance?.token, other?.token);
  match((await mesh.register(asking)).message, /held by another instance/);
});

for (const token of [THEIRS, undefined]) {
  const who = token === undefined ? "who has no token" : "another instance";
  row("instance", `${who} is refused in everything while it is there`, async (mesh) => {
    await mesh.register(with_(MINE));
    await mesh.register(consumer("user", "c"));
    const stolen = provider("p", "c", { http_port: 6666 });
    const { status, message } = await mesh.register(
      token === undefined ? stolen : with_(token, stolen),
    );
    equal(status, "error");
    match(message, /^agent_id p is held by another instance, at http:\/\/provider\.test:9000/);
    equal(await beat(mesh, token), 410);
    equal(await goodbye(mesh, token), 409);
    const stream = await mesh.send("/heartbeat/p/stream", { headers: shown(token) });
    equal(stream.status, 409);
    await stream.body?.cancel();
    const { endpoint, status: listed } = await mesh.agent("p");
    deepEqual([endpoint, listed], ["http://provider.test:9000", "healthy"]);
    equal(await mesh.beat("user"), 200);
    equal(await beat(mesh, MINE), 200);
  });
}

row("instance", "what a stranger says of others in its name does not count", async (mesh) => {
  await mesh.register(provider("victim", "c"));
  await mesh.register({ ...consumer("me", "c"), instance: { token: MINE } });
  await mesh.register({
    ...consumer("me", "c"),
    instance: { token: THEIRS },
    observed_failures: [{ agent_id: "victim", failures: 9 }],
  });
  const told = (await mesh.events("?agent_id=victim")).filter(({ data }) =>
    data?.["reason"] === "observed_failure"
  );
  deepEqual(told, []);
});

row("instance", "a stranger's beats do not keep it alive", async (mesh) => {
  await mesh.register(with_(MINE));
  mesh.now += 15_000;
  equal(await beat(mesh, THEIRS), 410);
  mesh.now += 6_000;
  equal((await mesh.agent("p")).status, "unhealthy");
});

row(
  "instance",
  "an id is free once its holder is gone, and the holder learns who has it",
  async (mesh) => {
    await mesh.register(with_(MINE));
    mesh.now += 21_000;
    equal((await mesh.agent("p")).status, "unhealthy");
    const taken = await mesh.register(with_(THEIRS, provider("p", "c", { http_port: 9001 })));
    deepEqual(taken.instance, { token: THEIRS });
    equal(await beat(mesh, MINE), 410);
    match((await mesh.register(with_(MINE))).message, /another instance, at .*:9001/);
    equal(await goodbye(mesh, MINE), 409);
    equal(await goodbye(mesh, THEIRS), 204);
    equal((await mesh.register(with_(MINE))).status, "success");
    equal(await beat(mesh, THEIRS), 410);
  },
);

row("instance", "one that says it is unwell is there, and holds its id", async (mesh) => {
  const unwell = { status: "unhealthy" as const, errors: ["no disk"] };
  await mesh.register({ ...with_(MINE), health: unwell });
  match((await mesh.register(with_(THEIRS))).message, /held by another/);
  equal(await beat(mesh, MINE), 200);
});

row("instance", "a restart of the registry forgets no holder", async (mesh) => {
  await mesh.register(with_(MINE));
  await mesh.restart();
  equal(await beat(mesh, THEIRS), 410);
  equal(await beat(mesh, MINE), 200);
  match((await mesh.register(with_(THEIRS))).message, /held by another/);
});

row("instance", "agents of the reference know no token, and are as they were", async (mesh) => {
  const first = await mesh.register(provider("p", "c"));
  equal("instance" in first, false);
  equal(await beat(mesh), 200);
  equal(await beat(mesh, THEIRS), 200);
  // Nobody can tell whose id it is: whoever comes is let in, and locks nobody out.
  const second = await mesh.register(with_(THEIRS, provider("p", "c", { http_port: 9001 })));
  deepEqual([second.status, second.instance], ["success", undefined]);
  equal(await beat(mesh), 200);
  equal((await mesh.register(provider("p", "c"))).status, "success");
  equal(await goodbye(mesh), 204);
  equal((await mesh.register(with_(THEIRS))).instance?.token, THEIRS);
});

row("instance", "operators say goodbye for any agent", async (mesh) => {
  await mesh.register(with_(MINE));
  equal(await goodbye(mesh, undefined, { authorization: "Bearer wrong-horse" }), 409);
  equal(await goodbye(mesh, undefined, { authorization: "Bearer correct-horse" }), 204);
}, { env: { MCP_MESH_ADMIN_TOKEN: "correct-horse" } });

row("instance", "goodbyes of what is gone, or never was, are fine", async (mesh) => {
  equal(await goodbye(mesh, THEIRS), 204);
  await mesh.register(with_(MINE));
  equal(await goodbye(mesh, MINE), 204);
  equal(await goodbye(mesh, THEIRS), 204);
});

row("instance", "tokens are shown nowhere", async (mesh) => {
  await mesh.register(with_(MINE));
  await mesh.register(with_(THEIRS));
  const paths = ["/agents", "/agents/p", "/events", "/metrics", "/why?agent=p&dependency=x"];
  for (const path of paths) {
    const text = await (await mesh.send(path)).text();
    equal(text.includes(MINE) || text.includes(THEIRS), false, path);
  }
  for await (const { value } of mesh.database.kv.list({ prefix: [] })) {
    const text = value instanceof Uint8Array
      ? new TextDecoder().decode(value)
      : JSON.stringify(value);
    equal(text?.includes(MINE) ?? false, false);
  }
});

for (const token of ["short", "x".repeat(257), `${"x".repeat(40)} `, `${"x".repeat(40)}\n`, 7]) {
  row("instance", `${JSON.stringify(token).slice(0, 20)} is no token`, async (mesh) => {
    const response = await mesh.post({ ...provider("p", "c"), instance: { token } });
    equal(response.status, 400);
    match((await response.json()).error, /instance\.token: /);
  });
}

Deno.test("instances of the registry agree on who holds an id", async () => {
  await using fleet = await Fleet.open(2);
  const head = async (number: number, token: string) => {
    const init = { method: "HEAD", headers: shown(token) };
    return (await fleet.send(number, "/heartbeat/p", init)).status;
  };
  const post = async (number: number, token: string) => {
    const init = { method: "POST", body: JSON.stringify(with_(token)) };
    const response = await fleet.send(number, "/heartbeat", init);
    return HeartbeatResponseSchema.parse(await response.json()).status;
  };
  equal(await post(0, MINE), "success");
  equal(await head(1, MINE), 200, "registered elsewhere a moment ago");
  equal(await head(1, THEIRS), 410);
  equal(await post(1, THEIRS), "error");
  equal(await post(1, MINE), "success");
  // Both at once, through both: one of them holds it.
  await fleet.send(0, "/agents/p", { method: "DELETE", headers: shown(MINE) });
  const outcomes = await Promise.all([post(0, MINE), post(1, THEIRS)]);
  deepEqual(outcomes.toSorted(), ["error", "success"]);
  const holder = outcomes[0] === "success" ? MINE : THEIRS;
  for (const number of [0, 1]) {
    equal(await head(number, holder), 200);
    equal(await head(number, holder === MINE ? THEIRS : MINE), 410);
  }
});

row("instance", "the holder's wiring stream is not taken from it", async (mesh) => {
  await mesh.register({ ...consumer("a", "c"), instance: { token: MINE } });
  const response = await mesh.send("/heartbeat/a/stream", { headers: shown(MINE) });
  await using stream = new StreamReader(response);
  const taken = await mesh.send("/heartbeat/a/stream");
  equal(taken.status, 409);
  ok((await taken.json()).error.includes('"a" is held'));
  await mesh.register(provider("p", "c"));
  deepEqual((await stream.take(1)).map(({ data }) => data.reason), ["changed"]);
});
