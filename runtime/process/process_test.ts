/** Agent processes as `meshctl start` spawns them, and agent files run directly. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { callTool } from "../mcp/client.ts";
import { decodeResult } from "../boundary/result.ts";
import type { AgentRecord } from "./plan.ts";
import { AgentProcess } from "./process_fixture.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const suite = new URL("../suites/testdata/suite_agent.ts", import.meta.url).pathname;
const wide = new URL("../suites/testdata/wide_agent.ts", import.meta.url).pathname;

/** A registry that accepts everything and lets the test await what arrives. */
class OpenRegistry implements AsyncDisposable {
  readonly #seen: string[] = [];
  readonly #changes = new EventTarget();
  readonly #server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const body = request.method === "POST" ? await request.json() : undefined;
      this.#seen.push(`${request.method} ${pathname}`);
      this.#changes.dispatchEvent(new Event("seen"));
      if (body === undefined) {
        return new Response(null, {
          status: request.method === "HEAD" ? 200 : 204,
        });
      }
      return Response.json({
        status: "success",
        timestamp: new Date().toISOString(),
        message: "ok",
        agent_id: body.agent_id,
        dependencies_resolved: {},
      });
    },
  );

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  count(line: RegExp): number {
    return this.#seen.filter((seen) => line.test(seen)).length;
  }

  /** Resolves when `count` requests like `line` have arrived since the beginning. */
  async seen(line: RegExp, count = 1): Promise<void> {
    while (this.count(line) < count) await once(this.#changes, "seen");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

async function call(record: AgentRecord, tool: string, args: Record<string, unknown> = {}) {
  return decodeResult(
    await callTool(fetch, {
      endpoint: String(record.endpoint),
      tool,
      args,
      signal: new AbortController().signal,
      remainingMs: 20_000,
      headers: {},
    }),
  );
}

const registered = ({ phase }: AgentRecord) => phase === "registered";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  processTest(`an agent process registers, serves, and unregisters on ${signal}`, async () => {
    await using registry = new OpenRegistry();
    await using process = await AgentProcess.plan([{ file: suite }], {
      MCP_MESH_REGISTRY_URL: registry.url,
    });
    const record = await process.record(registered);
    assert.equal(record.name, "suite");
    assert.equal(record.pid, process.child.pid);
    assert.equal(await call(record, "echo", { value: "hi" }), "hi");
    await registry.seen(/^HEAD /);
    const { code } = await process.stop(signal);
    assert.equal(code, 0);
    assert.equal(registry.count(new RegExp(`^DELETE /agents/${record.agent_id}$`)), 1);
    assert.equal((await process.record(({ phase }) => phase === "stopped")).phase, "stopped");
  });
}

processTest("a blocked handler delays neither probes nor heartbeats", async () => {
  await using registry = new OpenRegistry();
  await using process = await AgentProcess.plan([{ file: suite }], {
    MCP_MESH_REGISTRY_URL: registry.url,
  });
  const record = await process.record(registered);
  const blocked = call(record, "blocks", { ms: 1_500 });
  const before = registry.count(/^HEAD /);
  await registry.seen(/^HEAD /, before + 5);
  const asked = performance.now();
  const alive = await fetch(`${record.endpoint}/livez`);
  assert.equal((await alive.json()).alive, true);
  const took = performance.now() - asked;
  let finished = false;
  void blocked.then(() => finished = true);
  await Promise.resolve();
  assert.equal(finished, false, `still blocked after /livez answered in ${took} ms`);
  assert.equal(await blocked, "unblocked");
  await process.stop("SIGTERM");
});

processTest("packed agents keep their own permissions, and each line names its agent", async () => {
  await using registry = new OpenRegistry();
  await using process = await AgentProcess.plan([
    { file: suite },
    { file: wide, permissions: { env: ["MCP_MESH_*"] } },
  ], { MCP_MESH_REGISTRY_URL: registry.url, MCP_MESH_LOG_LEVEL: "debug" });
  const narrowRecord = await process.record(registered, 0);
  const wideRecord = await process.record(registered, 1);
  await assert.rejects(call(narrowRecord, "reads_env", { name: "MCP_MESH_LOG_LEVEL" }), {
    code: "permission_denied",
  });
  await assert.rejects(call(narrowRecord, "crashes"), { code: "host_crashed" });
  assert.equal(await call(wideRecord, "own_name"), "debug", "unaffected by its neighbour");
  const { code, output } = await process.stop("SIGTERM");
  assert.equal(code, 0);
  assert.match(output, /^planned-0 \| .* INFO {2}registered as suite-/m);
  assert.match(output, /^planned-1 \| .* INFO {2}registered as wide-/m);
});

processTest("a taken port is an error that names the port", async () => {
  using taken = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = taken.addr;
  await using process = await AgentProcess.plan([{ file: suite }], {
    MCP_MESH_REGISTRY_URL: "http://127.0.0.1:9",
    MCP_MESH_HTTP_PORT: String(port),
  });
  const { error } = await process.record(({ phase }) => phase === "failed");
  assert.equal(error?.code, "port_taken");
  assert.match(String(error?.message), new RegExp(`^port ${port} on 127\\.0\\.0\\.1 is taken`));
  const { code, output } = await process.ended();
  assert.equal(code, 1);
  assert.match(output, /ERROR port \d+ on /);
});

processTest("a packed agent that does not load takes its neighbours down with it", async () => {
  await using registry = new OpenRegistry();
  await using process = await AgentProcess.plan([
    { file: wide },
    { file: new URL("./plan.ts", import.meta.url).pathname },
  ], { MCP_MESH_REGISTRY_URL: registry.url });
  const { error } = await process.record(({ phase }) => phase === "failed", 1);
  assert.equal(error?.code, "bad_definition");
  assert.match(String(error?.message), /plan\.ts exports no agent/);
  assert.equal((await process.ended()).code, 1);
  assert.equal((await process.record(({ phase }) => phase === "stopped", 0)).name, "wide");
});

processTest("a bad variable stops an agent process by name", async () => {
  await using process = await AgentProcess.plan([{ file: wide }], {
    MCP_MESH_SETTLE_TIMEOUT: "soon",
  });
  const { code, output } = await process.ended();
  assert.equal(code, 1);
  assert.match(output, /MCP_MESH_SETTLE_TIMEOUT=soon cannot be used/);
});

processTest("one name cannot hold for several agents in one process", async () => {
  await using process = await AgentProcess.plan([{ file: wide }, { file: suite }], {
    MCP_MESH_AGENT_NAME: "both",
  });
  const { code, output } = await process.ended();
  assert.equal(code, 1);
  assert.match(output, /MCP_MESH_AGENT_NAME=both cannot hold for several agents/);
});

const direct: [name: string, args: string[]][] = [
  ["deno run", ["run"]],
  ["deno serve", ["serve", "--host=127.0.0.1", "--port=0"]],
];
for (const [name, args] of direct) {
  processTest(`an agent file under ${name} serves with its own permissions`, async () => {
    await using registry = new OpenRegistry();
    const folder = await Deno.makeTempDir();
    await using process = new AgentProcess(
      [...args, "--allow-net=localhost,127.0.0.1", "--allow-env=MCP_MESH_*", wide],
      { MCP_MESH_REGISTRY_URL: registry.url },
      folder,
    );
    await registry.seen(/^HEAD /);
    const { code, output } = await process.stop("SIGTERM");
    assert.equal(code, 0, output);
    assert.equal(registry.count(/^DELETE \/agents\/wide-/), 1, "unregistered");
  });
}

processTest("an agent process writes all lines of a log before it ends", async () => {
  const folder = await Deno.makeTempDir();
  const log = `${folder}/wordy.log`;
  const file = new URL("../suites/testdata/wordy_agent.ts", import.meta.url).pathname;
  {
    await using process = await AgentProcess.plan([{ file, log }], {
      MCP_MESH_REGISTRY_URL: "http://127.0.0.1:1",
      MCP_MESH_HTTP_PORT: "0",
    });
    const record = await process.record(({ phase }) => phase === "listening");
    assert.equal(await call(record, "talk", { lines: 1_500 }), "said");
    assert.equal((await process.stop("SIGTERM")).code, 0);
  }
  const lines = (await Deno.readTextFile(log)).split("\n");
  const said = lines.flatMap((line) => /INFO {2}line (\d+)$/.exec(line)?.[1] ?? []);
  assert.deepEqual(said, Array.from({ length: 1_500 }, (_, number) => String(number)));
  // What its end says is last.
  assert.match(lines.at(-2) ?? "", /last words/);
  await Deno.remove(folder, { recursive: true });
});
