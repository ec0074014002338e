/** What `scaffold` writes: checked, linted, tested, started and called, in a folder of its own. */
import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scriptedLlm } from "../../runtime/testing/mod.ts";
import { freePort, NO_LLM_KEYS, type Outcome, withMesh } from "./meshctl.ts";

/** Runs a program in a folder. */
async function runIn(cwd: string, command: string, ...args: string[]): Promise<Outcome> {
  const env = { NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd, env }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mesh-scaffold-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const AGENTS = ["claude-provider", "gateway", "greeter", "planner"];

Deno.test("every kind of agent type-checks, is tidy, passes its test, starts and is callable", async () => {
  await using llm = scriptedLlm([], { otherwise: { text: "Four days" } });
  const environment = {
    ...NO_LLM_KEYS,
    ANTHROPIC_API_KEY: "a key of this test",
    ANTHROPIC_BASE_URL: llm.url,
  };
  await inFolder(async (folder) => {
    await withMesh(async (mesh) => {
      const port = freePort();
      const commands = [
        ["--name", "greeter", "--agent-type", "tool", "--lang", "typescript", "--no-interactive"],
        ["llm-agent", "--name", "planner", "--filter", "hello"],
        ["llm-provider", "--vendor", "claude"],
        ["api", "--name", "gateway", "--port", String(port)],
      ];
      for (const args of commands) {
        const made = await mesh.run("scaffold", ...args, "-o", folder);
        equal(made.code, 0, made.stderr);
      }
      const greeter = join(folder, "greeter");
      for (let times = 0; times < 2; times++) {
        equal((await mesh.run("scaffold", "add", "tool", greeter, "wave")).code, 0);
        const needs = ["dependency", greeter, "user_preferences", "--tool", "wave"];
        equal((await mesh.run("scaffold", "add", ...needs)).code, 0);
      }
      deepEqual((await readdir(folder)).toSorted(), [".mesh", ...AGENTS, "deno.json"].toSorted());
      const test = ["test", "--allow-read", "--allow-env", "--allow-net=localhost,127.0.0.1"];
      for (const args of [["fmt", "--check"], ["lint"], test]) {
        const { code, stdout, stderr } = await runIn(folder, Deno.execPath(), ...args);
        equal(code, 0, `deno ${args[0]}: ${stdout}${stderr}`);
      }
      const started = await mesh.run("start", "-d", ...AGENTS.map((name) => join(folder, name)));
      equal(started.code, 0, started.stderr);
      const greeting = await mesh.run("call", "hello", '{"name":"Ada"}');
      match(greeting.stdout, /Hello, Ada, from greeter/, greeting.stderr);
      const wave = await mesh.run("call", "wave");
      match(wave.stdout, /Hello, world, from wave/, wave.stderr);
      const plan = await mesh.run("call", "planner:planner", '{"request":"How long?"}');
      match(plan.stdout, /Four days/, plan.stderr);
      const response = await fetch(`http://127.0.0.1:${port}/api/hello?name=Ada`);
      deepEqual(await response.json(), { result: "Hello, Ada, from greeter" });
      equal((await mesh.run("stop")).code, 0);
    }, environment);
  });
});

Deno.test("a module runs as a program of its own, with what the runtime needs too", async () => {
  await inFolder(async (folder) => {
    await withMesh(async (mesh) => {
      await mesh.run("scaffold", "tool", "--name", "greeter", "-o", folder);
      equal((await mesh.run("start", "-d", "--registry-only")).code, 0);
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-net", "--allow-env", join(folder, "greeter", "main.ts")],
        cwd: folder,
        env: { MCP_MESH_REGISTRY_URL: mesh.registryUrl, MCP_MESH_HOME: mesh.home, NO_COLOR: "1" },
        stdout: "null",
        stderr: "piped",
      }).spawn();
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        if (!text.includes("registered")) continue;
        const { stdout, stderr } = await mesh.run("call", "hello");
        match(stdout, /Hello, world, from greeter/, stderr);
        child.kill("SIGTERM");
      }
      equal((await child.status).success, true);
    });
  });
});

Deno.test("a project goes through git: doctor finds what a clone lacks, and its fix makes it whole", async () => {
  await inFolder(async (folder) => {
    await withMesh(async (mesh) => {
      const [ours, clone] = [join(folder, "ours"), join(folder, "a clone")];
      equal((await mesh.run("scaffold", "tool", "--name", "greeter", "-o", ours)).code, 0);
      equal((await mesh.run("start", "-d", "--registry-only")).code, 0);
      for (
        const args of [["init", "-q", ours], ["-C", ours, "add", "."], [
          ...["-C", ours, "-c", "user.name=a", "-c", "user.email=a@b.example"],
          ...["commit", "-qm", "first"],
        ], ["clone", "-q", ours, clone]]
      ) {
        const { code, stderr } = await runIn(folder, "git", ...args);
        equal(code, 0, stderr);
      }
      const test = ["test", "--allow-read", "--allow-env", "--allow-net=localhost,127.0.0.1"];
      equal((await runIn(clone, Deno.execPath(), ...test)).code, 1);
      const { stdout } = await mesh.run("doctor", join(clone, "greeter"));
      match(stdout, /^warning {2}project .*deno\.json leads nowhere: .*\/a clone\/\.mesh\//m);
      const fix = /Fix: .*(scaffold project) -o '(.*)'$/m.exec(stdout);
      equal(fix?.[1], "scaffold project", stdout);
      // It starts without, and with.
      equal((await mesh.run("start", "-d", join(clone, "greeter"))).code, 0);
      equal((await mesh.run("scaffold", "project", "-o", clone)).code, 0);
      doesNotMatch((await mesh.run("doctor", join(clone, "greeter"))).stdout, / project /);
      const tested = await runIn(clone, Deno.execPath(), ...test);
      equal(tested.code, 0, tested.stderr);
      equal((await runIn(clone, "git", "status", "--short", "greeter", "deno.json")).stdout, "");
      equal((await mesh.run("stop")).code, 0);
    });
  });
});

Deno.test("--dry-run prints a patch that makes the same files, and nothing is overwritten", async () => {
  await inFolder(async (folder) => {
    await withMesh(async (mesh) => {
      const make = ["scaffold", "tool", "--name", "greeter"];
      const dry = await mesh.run(...make, "-o", folder, "--dry-run");
      equal(dry.code, 0, dry.stderr);
      deepEqual(await readdir(folder), []);
      equal((await mesh.run(...make, "-o", folder)).code, 0);
      const again = await mesh.run(...make, "-o", folder);
      deepEqual([again.code, again.stdout], [0, ""]);
      const refused = await mesh.run(...make, "-o", folder, "--tool-name", "greet");
      equal(refused.code, 1);
      match(refused.stderr, /greeter\/main\.ts.*already exists and is different/);
      const changed = await mesh.run(...make, "-o", folder, "--tool-name", "greet", "--force");
      equal(changed.code, 0);
    });
  });
});

Deno.test("on a terminal it asks; elsewhere it says what to write", async () => {
  await inFolder(async (folder) => {
    await withMesh(async (mesh) => {
      const { command, args, env } = mesh.command("scaffold");
      const terminal = new Deno.Command("script", {
        args: ["-qec", [command, ...args].join(" "), "/dev/null"],
        cwd: folder,
        env: { ...env, SHELL: "/bin/sh" },
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      const writer = terminal.stdin.getWriter();
      await writer.write(new TextEncoder().encode("tool\nBad Name\ngreeter\n\n\ngreet\n\n"));
      const { code, stdout } = await terminal.output().finally(() => writer.close());
      const shown = new TextDecoder().decode(stdout);
      equal(code, 0, shown);
      match(shown, /"Bad Name" is no name of an agent[^]*such as bad-name/);
      match(shown, /greeter\/main\.ts/);
      equal((await mesh.run("scaffold")).code, 2);
    });
  });
});
