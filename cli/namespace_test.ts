import { deepEqual, equal, throws } from "node:assert/strict";
import { contextFixture } from "./context_fixture.ts";
import { dispatch } from "./dispatch.ts";
import { agentInfo, fakeRegistry, mcpResult } from "./mesh_fixture.ts";
import { inNamespace } from "./namespace.ts";

const env = { MCP_MESH_ADMIN_TOKEN: "s3cret" };

/** What the requests of a command say of the namespace and the secret. */
async function asked(...args: string[]) {
  const registry = fakeRegistry([agentInfo()], () => mcpResult({ content: [] }));
  const fixture = contextFixture({ fetch: registry.fetch, env });
  const code = await dispatch(args, fixture.context);
  const headers = registry.requests.map(({ headers, url }) => [
    new URL(url).pathname,
    headers.get("x-mesh-namespace"),
    headers.get("authorization"),
  ]);
  return { code, headers };
}

Deno.test("--namespace goes with every request of the commands that look at agents", async () => {
  for (const command of [["list"], ["status"], ["audit", "hello"], ["why", "hello"]]) {
    const { headers } = await asked(...command, "--namespace", "team-a");
    deepEqual(new Set(headers.map(([, ...rest]) => rest.join())), new Set(["team-a,"]));
  }
  const { code, headers } = await asked("call", "hello", "--namespace", "team-a");
  equal(code, 0);
  deepEqual(headers, [
    ["/agents", "team-a", null],
    ["/proxy/127.0.0.1:9101/mcp", "team-a", null],
    ["/proxy/127.0.0.1:9101/mcp", "team-a", null],
  ]);
});

Deno.test("--namespace '*' shows the secret to the registry, and to no agent", async () => {
  const { headers } = await asked("call", "hello", "--namespace", "*");
  deepEqual(headers, [
    ["/agents", "*", "Bearer s3cret"],
    ["/proxy/127.0.0.1:9101/mcp", "*", null],
    ["/proxy/127.0.0.1:9101/mcp", "*", null],
  ]);
  const direct = await asked("call", "hello", "--namespace", "*", "--use-proxy=false");
  deepEqual(direct.headers.at(-1), ["/mcp", "*", null]);
});

Deno.test("inNamespace() leaves a context alone without a namespace, and refuses what is none", () => {
  const { context } = contextFixture();
  equal(inNamespace(context, undefined), context);
  for (const name of ["", "Team", "a b", "-a", "a\n"]) {
    throws(() => inNamespace(context, name), { code: 2 });
  }
});
