/** `start --mcp` with any server: how it starts, goes, comes back and ends. */
import { deepEqual, equal, match, throws } from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import {
  call,
  interrupt,
  pidOfPlainServer,
  plainServer,
  readUntil,
  withCommand,
} from "./mcp_server_fixture.ts";
import { fixture, freePort, withMesh } from "./meshctl.ts";
import { projectConfig, userFile } from "./program.ts";

const READY = "Ctrl+C stops everything";

Deno.test("start --mcp runs a server beside agents, packed or not, and stop ends all of it", async () => {
  await withMesh(async (mesh) => {
    const server = withCommand("tools", plainServer());
    const started = await mesh.run(
      ...["start", "-d", "--pack", fixture("clock"), fixture("greeter"), ...server],
      ...["--mcp-tags", "tools=some,more"],
    );
    equal(started.code, 0, started.stderr);
    match(started.stdout, /^tools +http:\/\/127\.0\.0\.1:\d+ +about, exit, report, wait$/m);
    match((await mesh.run("list", "--tools")).stdout, /^about +tools-\S+ +about +some,more$/m);
    match((await mesh.run("status", "tools")).stdout, /File Path: +deno run .*stdio_server\.ts$/m);
    match((await mesh.run("logs", "tools")).stdout, /INFO +server: here I am/);

    const again = await mesh.run("start", "-d", "--mcp", "tools=x");
    equal(again.code, 1);
    match(again.stderr, /agent already running: tools \(process \d+, deno run .*stdio_server/);

    // The registry, the packed agents, the server's agent, the server.
    equal((await mesh.processes()).length, 4);
    equal((await mesh.run("stop", "tools")).stdout, "Stopped tools\n");
    equal((await mesh.processes()).length, 2);
    equal((await mesh.run("stop")).code, 0);
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("start --mcp starts a server that dies again; the agent is away in between", async () => {
  await withMesh(async (mesh) => {
    const running = mesh.spawn("start", ...withCommand("tools", plainServer()));
    await running.line(READY);
    const pid = await pidOfPlainServer(mesh, "tools");
    const events = mesh.spawn("events", "-f");
    await events.line("register");
    Deno.kill(pid, "SIGKILL");
    match(await running.line("health is unhealthy"), /stdio_server\.ts" was ended by SIGKILL/);
    const gone = await events.line("unhealthy");
    await running.line("health is healthy");
    await events.line("register", gone);
    equal(await pidOfPlainServer(mesh, "tools") === pid, false);
    events.signal("SIGINT");
    await events.ended;
    equal(await interrupt(running) < 10_000, true);
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("start --mcp: a server goes with its agent however that ends", async () => {
  await withMesh(async (mesh) => {
    const killAgent = async (name: string) => {
      const record = await readFile(join(mesh.home, "agents", `${name}.json`), "utf8");
      Deno.kill(JSON.parse(record).pid, "SIGKILL");
    };
    const ends: Record<string, (name: string) => Promise<unknown>> = {
      "not-waited-for": () => mesh.run("stop", "--force"),
      "behind-everybodys-back": killAgent,
    };
    for (const [name, end] of Object.entries(ends)) {
      equal((await mesh.run("start", "-d", ...withCommand(name, plainServer()))).code, 0);
      const pid = await pidOfPlainServer(mesh, name);
      await end(name);
      await gone(pid);
      await mesh.run("stop");
      deepEqual(await mesh.processes(), []);
    }
  });
});

Deno.test("start of a file with mcpAgent() whose server is away says what ails it", async () => {
  await withMesh(async (mesh) => {
    const file = join(mesh.home, "docs.ts");
    const url = `http://127.0.0.1:${freePort()}/mcp`;
    await writeFile(
      file,
      `#!/usr/bin/env -S deno run --allow-net=${
        new URL(url).host
      }\nimport { mcpAgent } from "mesh";\n` +
        `export default mcpAgent({ name: "docs", url: "${url}" });\n`,
    );
    const { code, stderr } = await mesh.run("start", "-d", file);
    equal(code, 0, stderr);
    match(stderr, new RegExp(`^docs is unhealthy: cannot reach ${url}: `, "m"));
    match((await mesh.run("status", "docs")).stdout, /Status: +unhealthy: cannot reach/);
    equal((await mesh.run("stop")).code, 0);
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("a file with mcpAgent() that is run by itself ends its server when it is asked to end", async () => {
  await withMesh(async (mesh) => {
    const file = userFile("runtime/bridge/testdata/stdio_agent.ts");
    const port = freePort();
    const agent = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", await projectConfig(mesh.home), file],
      env: { MCP_MESH_HTTP_PORT: String(port), MCP_MESH_REGISTRY_URL: mesh.registryUrl },
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const reading = await readUntil(agent.stderr, "listening on");
    const client = new Client({ name: "test", version: "1.0.0" });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)),
    );
    const { structuredContent } = await client.callTool({ name: "about" });
    await client.close();
    const { pid } = structuredContent as { pid: number };
    agent.kill("SIGTERM");
    equal((await agent.status).code, 0);
    await reading.ended;
    throws(() => Deno.kill(pid, "SIGCONT"));
  });
});

/** Resolves once a process has ended. */
async function gone(pid: number): Promise<void> {
  const script = `while kill -0 ${pid} 2>/dev/null; do sleep 0.05; done`;
  await new Deno.Command("timeout", { args: ["10", "sh", "-c", script] }).output();
}

Deno.test("start --mcp that is interrupted leaves no server", async () => {
  await withMesh(async (mesh) => {
    // A program that never says what it is.
    const running = mesh.spawn("start", ...withCommand("mute", "sh -c 'echo up >&2; sleep 60'"));
    await running.line("server: up");
    equal(await interrupt(running) < 10_000, true);
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("start --mcp tells what is wrong with a server, and leaves nothing running", async () => {
  await using elsewhere = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(null, { status: 404 }),
  );
  await withMesh(async (mesh) => {
    const rows: [args: string[], code: number, message: RegExp][] = [
      [
        ["--mcp", "x=no-such-command -y"],
        1,
        /x did not start: the command "no-such-command" is not/,
      ],
      [
        withCommand("x", plainServer("broken")),
        1,
        /x did not start: the command ".*stdio_server\.ts broken" ended with code 3: no configuration\n/,
      ],
      [
        ["--mcp", `x=http://127.0.0.1:${elsewhere.addr.port}/nothing?key=secret`],
        1,
        /x did not start: http:\/\/127\.0\.0\.1:\d+\/nothing answered HTTP 404; check the URL\n/,
      ],
      [
        ["--mcp", "x=http://127.0.0.1:1/mcp"],
        1,
        /x did not start: cannot reach http:\/\/127\.0\.0\.1:1\/mcp: /,
      ],
      [["--mcp", "npx x"], 2, /--mcp begins with no NAME=/],
      [["--mcp", "x=y", "--registry-only"], 2, /--registry-only starts no agents, and --mcp x is/],
      [
        ["--mcp", "clock=y", fixture("clock")],
        2,
        /two agents are named "clock": .*clock\.ts and y/,
      ],
    ];
    for (const [args, code, message] of rows) {
      const result = await mesh.run("start", "-d", ...args);
      equal(result.code, code, `${args.join(" ")}: ${result.stderr}`);
      match(result.stderr, message);
      deepEqual(await mesh.processes(), []);
    }
  });
});

Deno.test("start --mcp keeps headers and variables from everybody else", async () => {
  const secret = crypto.randomUUID();
  await withMesh(async (mesh) => {
    const seen: (string | null)[] = [];
    await using foreign = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => {
        seen.push(request.headers.get("authorization"));
        return new Response("no", { status: 403 });
      },
    );
    const refused = await mesh.run(
      ...["start", "-d", "--mcp", `docs=http://127.0.0.1:${foreign.addr.port}/mcp?key=\${SECRET}`],
      ...["--mcp-header", "docs=Authorization: Bearer ${SECRET}"],
    );
    equal(refused.code, 1);
    match(refused.stderr, /answered HTTP 403: it wants other credentials/);
    deepEqual([...new Set(seen)], [`Bearer ${secret}`]);

    const started = await mesh.run(
      ...["start", "-d", "--debug", ...withCommand("tools", plainServer())],
      ...["--mcp-env", "tools=KEY=${SECRET}"],
    );
    equal(started.code, 0, started.stderr);
    const { structuredContent } = await call(mesh, "about");
    const env = structuredContent?.["env"] as Record<string, string>;
    equal(env["KEY"], secret);
    equal("SECRET" in env || "MCP_MESH_MCP_SERVER" in env, false);

    const everybody = ["-c", "cat /proc/[0-9]*/cmdline 2>/dev/null"];
    const { stdout } = await new Deno.Command("sh", { args: everybody }).output();
    const commandLines = new TextDecoder().decode(stdout);
    equal(commandLines.includes("planned_server.ts"), true);
    equal(commandLines.includes(secret), false);
    for (const folder of ["agents", "logs"]) {
      for (const name of await readdir(join(mesh.home, folder))) {
        const text = await readFile(join(mesh.home, folder, name), "utf8");
        equal(text.includes(secret), false, name);
      }
    }
    equal(
      `${refused.stdout}${refused.stderr}${started.stdout}${started.stderr}`.includes(secret),
      false,
    );
  }, { SECRET: secret });
});
