/** An MCP server that is started, as an agent. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  Client,
  LOG_LEVEL_META_KEY,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { valueOf } from "../suites/call_fixture.ts";
import { hostSandboxed } from "../sandbox/sandboxed.ts";
import { type TestAgent, type TestMesh, testMesh } from "../testing/mesh.ts";
import { mcpAgent, mcpAgentWith } from "./mcp_agent.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const server = fileURLToPath(new URL("testdata/stdio_server.ts", import.meta.url));

function definition(...mode: string[]) {
  return {
    name: "stdio",
    command: Deno.execPath(),
    args: ["run", "--quiet", "--allow-env", server, ...mode],
    env: { GIVEN: "yes" },
  };
}

interface About {
  readonly pid: number;
  readonly env: Record<string, string>;
}

/** Log lines, some of them awaited. */
function lineWatch() {
  const lines: string[] = [];
  const waiting = new Map<string, (line: string) => void>();
  return {
    lines,
    log: (line: string) => {
      lines.push(line);
      for (const [text, resolve] of waiting) if (line.includes(text)) resolve(line);
    },
    line: (text: string) => new Promise<string>((resolve) => waiting.set(text, resolve)),
  };
}

async function about(member: TestAgent): Promise<About> {
  return await member.call("about") as About;
}

function isRunning(pid: number): boolean {
  try {
    // Sends nothing that would be noticed.
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}

async function withMember(
  mode: string[],
  run: (member: TestAgent, watch: ReturnType<typeof lineWatch>, mesh: TestMesh) => Promise<void>,
) {
  const watch = lineWatch();
  await using mesh = testMesh();
  await run(await mesh.join(mcpAgent(definition(...mode)), { log: watch.log }), watch, mesh);
}

processTest(
  "mcpAgent of a command starts it, with its own variables only, and ends it",
  async () => {
    let pid = 0;
    Deno.env.set("MESH_TEST_SECRET", "hidden");
    await withMember([], async (member, { lines }) => {
      const { env, ...rest } = await about(member);
      pid = rest.pid;
      assert.equal(env["GIVEN"], "yes");
      assert.equal(env["PATH"], Deno.env.get("PATH"));
      assert.deepEqual(
        Object.keys(env).filter((name) =>
          !["GIVEN", "HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"].includes(name)
        ),
        [],
      );
      assert.ok(isRunning(pid));
      assert.ok(lines.some((line) => line.endsWith("INFO  server: here I am")));
    });
    Deno.env.delete("MESH_TEST_SECRET");
    assert.equal(isRunning(pid), false);
  },
);

processTest(
  "mcpAgent of a command that ends starts it again; calls in between fail typed",
  async () => {
    await withMember([], async (member, { line }) => {
      const first = await about(member);
      const away = line("health is unhealthy");
      const back = line("health is healthy");
      await assert.rejects(member.call("exit"), {
        code: "interrupted",
        message: /^the command ".*" ended with code 7: told to go; the call may have run$/,
      });
      assert.match(
        await away,
        /health is unhealthy: the command ".*" ended with code 7: told to go/,
      );
      await assert.rejects(member.call("about"), { code: "unreachable", message: /told to go$/ });
      await back;
      assert.notEqual((await about(member)).pid, first.pid);
    });
  },
);

processTest("mcpAgent of a command that is killed says so and starts it again", async () => {
  await withMember([], async (member, { line }) => {
    const { pid } = await about(member);
    const away = line("health is unhealthy");
    const back = line("health is healthy");
    Deno.kill(pid, "SIGKILL");
    assert.match(await away, /was ended by SIGKILL/);
    await back;
    assert.notEqual((await about(member)).pid, pid);
  });
});

processTest("mcpAgent of a command cancels what the caller gives up", async () => {
  await withMember([], async (member, { line }) => {
    const cancelled = line("server: cancelled");
    await assert.rejects(member.call("wait", {}, { timeoutMs: 1_000 }), { code: "timeout" });
    await cancelled;
  });
});

/** An MCP client of an agent that takes log lines. */
async function loggingClient({ node }: TestAgent) {
  const client = new Client({ name: "test", version: "1.0.0" }, {
    versionNegotiation: { mode: { pin: "2026-07-28" } },
  });
  const lines: unknown[] = [];
  client.setNotificationHandler("notifications/message", ({ params }) => {
    lines.push(params.data);
  });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${node.endpoint}/mcp`), {
      fetch: (input, init) => node.fetch(new Request(input, init)),
    }),
  );
  const report = async (onprogress: (report: { progress: number }) => void = () => {}) => {
    const params = { name: "report", _meta: { [LOG_LEVEL_META_KEY]: "info" } };
    await client.callTool(params as { name: string }, { onprogress });
  };
  return { report, lines, [Symbol.asyncDispose]: () => client.close() };
}

processTest(
  "mcpAgent of a command passes on progress that comes together with the answer",
  async () => {
    await withMember([], async (member) => {
      await using client = await loggingClient(member);
      const reports: number[] = [];
      await client.report(({ progress }) => void reports.push(progress));
      assert.deepEqual(reports, [1, 2]);
    });
  },
);

processTest(
  "mcpAgent of a command: its log lines are the caller's while there is one call alone",
  async () => {
    await withMember([], async (member, { line, lines }) => {
      await using client = await loggingClient(member);
      await client.report();
      assert.deepEqual(client.lines, ["reported"]);
      assert.ok(lines.some((each) => /INFO {2}reported .*report/.test(each)));
      const waiting = assert.rejects(member.call("wait", {}, { timeoutMs: 1_500 }));
      // The server has got it before the next call, which comes by the same way.
      const told = line("server: reported");
      await client.report();
      await told;
      assert.deepEqual(client.lines, ["reported"], "whose it is cannot be told");
      await waiting;
    });
  },
);

processTest(
  "mcpAgent of a command that ends when asked for its era speaks to it as of old",
  async () => {
    await withMember(["fragile"], async (member) => {
      assert.equal(typeof (await about(member)).pid, "number");
    });
  },
);

processTest(
  "mcpAgentWith mustConnect tells how the command ended, or that there is none",
  async () => {
    const rows: [definition: Parameters<typeof mcpAgentWith>[0], message: RegExp][] = [
      [definition("broken"), /^the command ".*" ended with code 3: no configuration$/],
      [{ name: "x", command: "no-such-command" }, /^the command "no-such-command" is not found; /],
      [{ name: "x", command: Deno.execPath(), args: ["--version"] }, /ended with code 0$/],
    ];
    await using mesh = testMesh();
    for (const [definition, message] of rows) {
      await assert.rejects(mesh.join(mcpAgentWith(definition, { mustConnect: true })), {
        code: "unreachable",
        message,
      });
    }
  },
);

processTest(
  "mcpAgent in a sandbox needs to run its command and to read HOME and PATH, no more",
  async () => {
    const host = await hostSandboxed({
      url: new URL("testdata/stdio_agent.ts", import.meta.url).href,
      permissions: { run: ["deno"], env: ["HOME", "PATH"] },
      log: () => {},
    });
    await host.open({ log: () => {}, checkHealth: () => {} });
    const { pid } = await valueOf(host, "about") as About;
    assert.ok(isRunning(pid));
    assert.deepEqual(await host.check("health"), {
      status: "healthy",
      checks: { connection: true },
    });
    await host[Symbol.asyncDispose]();
    assert.equal(isRunning(pid), false);
  },
);
