import { deepEqual, equal, match } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fixture, withMesh } from "./meshctl.ts";

const SHEBANG = "#!/usr/bin/env -S deno run --allow-net\n";
const AGENT =
  'import { agent } from "mesh";\nexport default agent({ name: "bad-agent", tools: {} });\n';

/** Modules that do not become agents, and what must be told of each. */
const BROKEN: [string, string, RegExp][] = [
  ["a syntax error", "const x = ;\n", /bad\.ts:2:11/],
  ["a missing import", 'import "./not_there.ts";\n', /bad\.ts:2:.*not_there\.ts/],
  ["no agent", "export const x = 1;\n", /bad\.ts exports no agent/],
  ["an error at import", 'throw new Error("no luck");\n', /no luck/],
  ["the end of its process", "Deno.exit(7);\n", /bad/],
];

for (const [what, text, reason] of BROKEN) {
  Deno.test(`start with an agent that has ${what} says why and leaves nothing running`, async () => {
    await withMesh(async (mesh) => {
      const bad = join(mesh.home, "bad.ts");
      await writeFile(bad, SHEBANG + text);
      const { code, stderr } = await mesh.run("start", "-d", bad);
      equal(code, 1, stderr);
      match(stderr, /Error: bad did not start: /);
      match(stderr, reason);
      equal(stderr.includes("at file:///"), false, stderr);
      deepEqual(await mesh.processes(), []);
    });
  });
}

Deno.test("start leaves nothing running in any form when an agent fails", async () => {
  await withMesh(async (mesh) => {
    await writeFile(join(mesh.home, "bad.ts"), `${SHEBANG}throw new Error("no luck");\n`);
    for (const form of [[], ["-d", "--pack"], ["--pack"]]) {
      const { code, stderr } = await mesh.run("start", ...form, fixture("clock"), "bad.ts");
      equal(code, 1, stderr);
      match(stderr, /Error: bad did not start: .*no luck/);
      deepEqual(await mesh.processes(), [], form.join(" "));
    }
  });
});

Deno.test("start keeps a registry that it did not start when an agent fails", async () => {
  await withMesh(async (mesh) => {
    await writeFile(join(mesh.home, "bad.ts"), `${SHEBANG}throw 1;\n`);
    equal((await mesh.run("start", "--registry-only", "-d")).code, 0);
    equal((await mesh.run("start", "-d", "bad.ts")).code, 1);
    equal((await mesh.run("list")).code, 0);
  });
});

Deno.test("start exits 6 when an agent is not ready in time, and leaves nothing running", async () => {
  await withMesh(async (mesh) => {
    const stuck = "setInterval(() => {}, 1000);\nawait new Promise(() => {});\n";
    await writeFile(join(mesh.home, "stuck.ts"), SHEBANG + stuck + AGENT);
    const { code, stderr } = await mesh.run("start", "-d", "stuck.ts", "--startup-timeout", "5");
    equal(code, 6, stderr);
    match(stderr, /not registered within 5 s: bad-agent/);
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("start that is interrupted before all is ready leaves nothing running", async () => {
  await withMesh(async (mesh) => {
    const stuck = "setInterval(() => {}, 1000);\nawait new Promise(() => {});\n";
    await writeFile(join(mesh.home, "stuck.ts"), SHEBANG + stuck + AGENT);
    const starting = mesh.spawn("start", "stuck.ts");
    await starting.line("registry | ");
    starting.signal("SIGINT");
    const { code, stderr } = await starting.ended;
    equal(code, 1);
    match(stderr, /interrupted/);
    deepEqual(await mesh.processes(), []);
  });
});

/** Runs a program where its `MCP_MESH_HOME` is a disk of its own, with nothing free. */
const ON_FULL_DISK = 'mount -t tmpfs -o size=1m tmpfs "$MCP_MESH_HOME" && ' +
  '{ head -c 2m /dev/zero > "$MCP_MESH_HOME/all" 2> /dev/null; exec "$@"; }';
const OWN_MOUNTS = ["--map-root-user", "--mount"];

async function mayMount(): Promise<boolean> {
  try {
    const trial = ["mount", "-t", "tmpfs", "tmpfs", "/tmp"];
    const { success } = await new Deno.Command("unshare", { args: [...OWN_MOUNTS, ...trial] })
      .output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test({
  name: "start says that the disk is full, and what to do",
  ignore: !await mayMount(),
  fn: async () => {
    await withMesh(async (mesh) => {
      const { command, args, env } = mesh.command("start", "-d", "--registry-only");
      const { code, stderr } = await new Deno.Command("unshare", {
        args: [...OWN_MOUNTS, "sh", "-c", ON_FULL_DISK, "sh", command, ...args],
        env,
      }).output();
      const told = new TextDecoder().decode(stderr);
      equal(code, 1, told);
      // The one file unpacks itself before it starts anything.
      match(told, /nothing can be written into .*ENOSPC|cannot unpack itself .*ENOSPC/);
      match(told, /^Free some space, or set MCP_MESH_HOME to a folder on another disk\.$/m);
    });
  },
});

Deno.test("start names a taken port and its holder", async () => {
  await withMesh(async (mesh) => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const taken = AGENT.replace("tools:", `port: ${port}, tools:`);
    await writeFile(join(mesh.home, "taken.ts"), SHEBANG + taken);
    const agent = await mesh.run("start", "-d", "taken.ts");
    equal(agent.code, 1);
    match(agent.stderr, new RegExp(`port ${port} is taken by process ${Deno.pid} `));
    match(agent.stderr, new RegExp(`Fix: kill ${Deno.pid}$`, "m"));
    deepEqual(await mesh.processes(), []);
  });
  await withMesh(async (mesh) => {
    using _listener = Deno.listen({ hostname: "127.0.0.1", port: mesh.port });
    const registry = await mesh.run("start", "--registry-only", "-d");
    equal(registry.code, 1);
    match(registry.stderr, new RegExp(`port ${mesh.port} .*is taken by process ${Deno.pid} `));
  });
});

Deno.test("start does not take any program that answers for a registry", async () => {
  await withMesh(async (mesh) => {
    await using _server = Deno.serve(
      { hostname: "127.0.0.1", port: mesh.port, onListen: () => {} },
      () => new Response("hello"),
    );
    const { code, stderr } = await mesh.run("start", "-d", fixture("clock"));
    equal(code, 1);
    match(stderr, new RegExp(`is answered by process ${Deno.pid} .* with HTTP 200, but not as`));
  });
});

Deno.test("start tells what is wrong before it starts anything", async () => {
  await withMesh(async (mesh) => {
    const twin = join(mesh.home, "twin.ts");
    await writeFile(twin, `${SHEBANG}export default agent({ name: "clock" });`);
    await writeFile(join(mesh.home, "deny.ts"), "#!/usr/bin/env -S deno run --deny-net\n");
    await writeFile(join(mesh.home, "types.ts"), `${SHEBANG}${AGENT}const x: string = 1;\n`);
    await writeFile(join(mesh.home, "bad.env"), "A=1\nnonsense\n");
    const clock = fixture("clock");
    const rows: [string[], number, RegExp][] = [
      [[clock, twin], 2, /two agents are named "clock"/],
      [["nope.ts"], 3, /path does not exist: nope\.ts/],
      [["logs"], 3, /path does not exist: logs/],
      [["bad.env"], 2, /unsupported file type: bad\.env/],
      [["deny.ts"], 2, /deny\.ts:1: .*--deny-net/],
      [[clock, "--env-file", "bad.env"], 2, /bad\.env:2: this line is no KEY=VALUE line/],
      [[clock, "--env", "A"], 2, /--env is "A"/],
      [[clock, "--log-level", "loud"], 2, /--log-level is "loud"/],
      [[clock, twin, "--agent-name", "x"], 2, /--agent-name names one agent/],
      [[clock, "--env", "MCP_MESH_AGENT_NAME=A"], 2, /MCP_MESH_AGENT_NAME is "A"/],
      [[clock, "--registry-only"], 2, /--registry-only starts no agents/],
      [["--connect-only"], 2, /--connect-only needs an agent/],
      [[clock, "--working-dir", "nope"], 3, /nope is no folder/],
      [["types.ts", "--check"], 1, /do not type-check\n[^]*types\.ts:4/],
      [[clock, "--connect-only"], 4, new RegExp(`${mesh.registryUrl} does not answer`)],
      [[clock, "--registry-url", "http://192.0.2.1:1"], 4, /http:\/\/192\.0\.2\.1:1 does not/],
    ];
    for (const [args, code, message] of rows) {
      const result = await mesh.run("start", "-d", ...args);
      equal(result.code, code, `${args.join(" ")}: ${result.stderr}`);
      match(result.stderr, message);
    }
    deepEqual(await mesh.processes(), []);
  });
});
