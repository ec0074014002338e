import { deepEqual, equal, match } from "node:assert/strict";
import type { DrainState } from "../../runtime/protocol/drain.ts";
import { contextFixture, type ContextFixtureOptions } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";

/** A registry that answers `/admin/drain` with one state after the other, the last for ever. */
function drainable(...states: DrainState[]) {
  const requests: string[] = [];
  return {
    requests,
    fetch: (input: URL | RequestInfo, init?: RequestInit) => {
      const { method, url, headers } = new Request(input, init);
      requests.push(`${method} ${new URL(url).pathname} ${headers.get("authorization") ?? ""}`);
      const state = states.length > 1 ? states.shift() : states[0];
      return Promise.resolve(Response.json(state));
    },
  };
}

async function registry(args: string[], options: ContextFixtureOptions) {
  const fixture = contextFixture(options);
  const code = await dispatch(["registry", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr(), now: fixture.context.now() };
}

Deno.test("registry drain, resume and status are POST, DELETE and GET of one path", async () => {
  const rows: [string, string, DrainState, string][] = [
    [
      "drain",
      "POST",
      { draining: true, live_claims: 2 },
      "Registry draining: no more jobs are handed out\nLive claims: 2\n",
    ],
    [
      "resume",
      "DELETE",
      { draining: false, live_claims: 1 },
      "Registry resumed: jobs are handed out\nLive claims: 1\n",
    ],
    [
      "status",
      "GET",
      { draining: false, live_claims: 0 },
      "Registry:    active\nLive claims: 0\n",
    ],
    [
      "status",
      "GET",
      { draining: true, live_claims: 3 },
      "Registry:    DRAINING (no more jobs are handed out)\nLive claims: 3\n",
    ],
  ];
  for (const [word, method, state, shown] of rows) {
    const fake = drainable(state);
    const { code, stdout, stderr } = await registry([word], fake);
    deepEqual([code, stdout, stderr], [0, shown, ""]);
    deepEqual(fake.requests, [`${method} /admin/drain `]);
    deepEqual(JSON.parse((await registry([word, "--json"], drainable(state))).stdout), {
      schema_version: 1,
      ...state,
    });
  }
});

Deno.test("registry commands send the operators' secret", async () => {
  const fake = drainable({ draining: false, live_claims: 0 });
  await registry(["status"], { ...fake, env: { MCP_MESH_ADMIN_TOKEN: "s3cret" } });
  deepEqual(fake.requests, ["GET /admin/drain Bearer s3cret"]);
});

Deno.test("registry commands say what to do when the registry refuses", async () => {
  const answer = (status: number, body: unknown) => ({
    fetch: () => Promise.resolve(Response.json(body, { status })),
  });
  const env = { MCP_MESH_ADMIN_TOKEN: "wrong" };
  const rows: [ContextFixtureOptions, RegExp][] = [
    [
      answer(401, { error: "a token is needed" }),
      /does not let you administer it: a token is needed\nSet MCP_MESH_ADMIN_TOKEN/,
    ],
    [{ ...answer(403, { error: "no" }), env }, /MCP_MESH_ADMIN_TOKEN is set here to something/],
    [{ fetch: () => Promise.resolve(new Response("404", { status: 404 })) }, /MCP_MESH_ADMIN_PORT/],
    [answer(503, { error: "the database is away" }), /HTTP 503: .*the database is away/],
  ];
  for (const [options, message] of rows) {
    const { code, stderr, stdout } = await registry(["drain"], options);
    deepEqual([code, stdout], [1, ""]);
    match(stderr, message);
    equal(stderr.includes("wrong"), false);
  }
  equal((await registry(["drain"], {})).code, 4);
});

Deno.test("registry drain --wait returns when the last job is done, telling how it goes", async () => {
  const states = [3, 3, 1, 0].map((live_claims) => ({ draining: true, live_claims }));
  const fake = drainable(...states);
  const { code, stdout } = await registry(["drain", "--wait", "--wait-timeout", "60"], fake);
  equal(code, 0);
  deepEqual(stdout.split("\n").slice(1), [
    "Live claims: 3",
    "Live claims: 1",
    "Live claims: 0",
    "",
  ]);
  equal(fake.requests.length, 4);
});

Deno.test("registry drain --wait gives up in time with exit 6", async () => {
  const { code, stderr, now } = await registry(
    ["drain", "--wait", "--wait-timeout", "5"],
    { ...drainable({ draining: true, live_claims: 1 }), now: 0 },
  );
  deepEqual([code, now], [6, 5_000]);
  match(stderr, /1 job\(s\) are still being worked on after 5 s/);
});

Deno.test("registry drain --wait fails when somebody ends the drain", async () => {
  const fake = drainable({ draining: true, live_claims: 2 }, { draining: false, live_claims: 2 });
  const { code, stderr } = await registry(["drain", "--wait"], fake);
  equal(code, 1);
  match(stderr, /somebody let the registry resume while 2 job/);
});

Deno.test("registry without a word it knows prints its help or exits 2", async () => {
  match((await registry([], {})).stdout, /registry drain +Hand out no more jobs/);
  const { code, stderr } = await registry(["drian"], {});
  equal(code, 2);
  match(stderr, /unknown command "drian" of registry\nDid you mean drain\?/);
  equal((await registry(["drain", "--wait", "--poll-interval", "0"], {})).code, 2);
});
