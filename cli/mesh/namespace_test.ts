import { deepEqual, equal, match, throws } from "node:assert/strict";
import { contextFixture } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
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
  equal(inNamespace(context, { ...ANY_REGISTRY, namespace: undefined }), context);
  for (const namespace of ["", "Team", "a b", "-a", "a\n"]) {
    throws(() => inNamespace(context, { ...ANY_REGISTRY, namespace }), { code: 2 });
  }
});

const ANY_REGISTRY = {
  "registry-url": undefined,
  "registry-host": undefined,
  "registry-port": undefined,
};

/** The secret that a registry is shown which a project's file names, or why it is not. */
async function shown(registry: string, args: string[]): Promise<string | null | undefined> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ mesh: { registry } }));
    const fake = fakeRegistry([agentInfo()], () => mcpResult({ content: [] }));
    const fixture = contextFixture({ fetch: fake.fetch, env });
    const code = await dispatch(args, { ...fixture.context, cwd: folder });
    const sent = fake.requests.map(({ headers }) => headers.get("authorization"));
    return code === 2 ? fixture.stderr() : sent.findLast((header) => header !== null) ?? null;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the operators' secret is shown to no registry elsewhere that only a project names", async () => {
  const all = ["list", "--namespace", "*"];
  const refusal = await shown("http://evil.example:8000", all);
  match(
    refusal ?? "",
    /MCP_MESH_ADMIN_TOKEN is not sent to http:\/\/evil\.example:8000, which only/,
  );
  match(await shown("https://evil.example", ["registry", "status"]) ?? "", /is not sent to https:/);
  match(await shown("http://10.0.0.1:8000", ["registry", "drain"]) ?? "", /is not sent to http:/);
  equal(await shown("http://localhost:8000", all), "Bearer s3cret", "this machine is the user's");
  const named = [...all, "--registry-url", "http://evil.example:8000"];
  equal(await shown("http://evil.example:8000", named), "Bearer s3cret", "named by the user");
  equal(await shown("http://evil.example:8000", ["list"]), null, "nothing is to be shown");
});
