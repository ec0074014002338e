import { deepEqual, equal, match } from "node:assert/strict";
import { contextFixture } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import { agentInfo, fakeRegistry, mcpResult, toolInfo } from "../mesh/mesh_fixture.ts";
import { greeting } from "./shell.ts";
import { createLineReader } from "../shell/line_fixture.ts";
import { Interruption, runShell } from "../shell/session.ts";

const agents = [agentInfo({ capabilities: [toolInfo({ function_name: "greet", name: "greet" })] })];

function mesh(answer: () => Response | Promise<Response>) {
  return fakeRegistry(agents, ({ body }) => {
    const inputSchema = { type: "object", properties: { name: { type: "string" } } };
    return JSON.parse(body).method === "tools/list"
      ? mcpResult({ tools: [{ name: "greet", inputSchema }] })
      : answer();
  });
}

const hello = () => mcpResult({ content: [{ type: "text", text: "hello" }] });

Deno.test("shell runs the lines of standard input without a prompt, and exits as the first failed", async () => {
  const stdin = "greet name=Ada\n# note\nlist\ndescribe greet\ngreet 'open\nnope\nexit\ngreet\n";
  const fixture = contextFixture({ ...mesh(hello), stdin });
  equal(await dispatch(["shell"], fixture.context), 2);
  const out = fixture.stdout();
  match(out, /^hello\n[^]*greet[^]*1 tool\(s\) found\n[^]*Input schema:/);
  equal(out.split("hello\n").length, 2);
  match(fixture.stderr(), /quote is not closed[^]*tool "nope" not found/);
});

Deno.test("shell hands its own options on to every line", async () => {
  const registry = mesh(hello);
  const fixture = contextFixture({ ...registry, stdin: "greet\nlist --all\n" });
  const options = ["--registry-url", "http://mesh.example:81", "--namespace", "team-a"];
  equal(await dispatch(["shell", ...options], fixture.context), 0);
  const seen = registry.requests.map(({ url, headers }) => [
    new URL(url).host,
    headers.get("x-mesh-namespace"),
  ]);
  equal(seen.length > 3, true);
  deepEqual(new Set(seen.map(String)), new Set(["mesh.example:81,team-a"]));
});

Deno.test("Interruption gives up the call that runs, and the shell goes on", async () => {
  const interruption = new Interruption();
  equal(interruption.interrupt(), false);
  const registry = mesh(() => {
    interruption.interrupt();
    return new Promise(() => {});
  });
  const fixture = contextFixture({
    fetch: async (input, init) => {
      const aborted = new Promise<never>((_, reject) =>
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason))
      );
      return await Promise.race([registry.fetch(input, init), aborted]);
    },
  });
  const code = await runShell({
    reader: createLineReader(["greet", "help"]),
    common: [],
    context: fixture.context,
    interruption,
    onLine: () => Promise.resolve(),
  });
  equal(code, 1);
  equal(fixture.stderr(), "Given up.\n");
  match(fixture.stdout(), /describe <tool>/);
});

Deno.test("shell begins with how many agents are there, not with those that have gone", () => {
  const gone = agentInfo({ name: "gone", status: "unhealthy", last_seen: "2026-01-01T00:00:00Z" });
  equal(
    greeting([...agents, gone], "http://r"),
    "1 agent at http://r; help shows what to write.\n",
  );
  equal(greeting([gone], "http://r"), "0 agents at http://r; help shows what to write.\n");
});
