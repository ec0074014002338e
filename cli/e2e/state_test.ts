import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fixture, type TestMesh, withMesh } from "./meshctl.ts";

async function recordOf(mesh: TestMesh, name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(mesh.home, "agents", `${name}.json`), "utf8"));
}

async function agentNames(mesh: TestMesh): Promise<string[]> {
  const { agents } = JSON.parse((await mesh.run("list", "--json")).stdout);
  return agents.map(({ name }: { name: string }) => name);
}

Deno.test("two meshes in homes of their own, on other ports, never touch each other", async () => {
  await withMesh(async (left) => {
    await withMesh(async (right) => {
      const started = await Promise.all([
        left.run("start", "-d", fixture("clock")),
        right.run("start", "-d", fixture("clock"), fixture("greeter")),
      ]);
      deepEqual(started.map(({ code }) => code), [0, 0]);
      deepEqual(await agentNames(left), ["clock"]);
      deepEqual(await agentNames(right), ["clock", "greeter"]);

      const stopped = await left.run("stop", "--clean");
      match(stopped.stdout, /^Stopped clock\nStopped registry\n/);
      equal((await left.run("stop", "greeter")).code, 3);
      deepEqual(await left.processes(), []);
      deepEqual(await agentNames(right), ["clock", "greeter"]);
      equal((await right.run("call", "greet", '{"name":"Ada"}')).code, 0);
      equal((await right.run("stop")).code, 0);
      deepEqual(await right.processes(), []);
    });
  });
});

Deno.test(
  "what a mesh keeps is its user's alone",
  { ignore: Deno.build.os === "windows" },
  async () => {
    await withMesh(async (mesh) => {
      equal(
        (await mesh.run("start", "-d", "--pack", fixture("clock"), fixture("greeter"))).code,
        0,
      );
      equal((await mesh.run("start", "-d", "--restart=on-failure", fixture("slow"))).code, 0);
      const entries = await readdir(mesh.home, { recursive: true, withFileTypes: true });
      const kept = entries.map((entry) => join(entry.parentPath, entry.name))
        // What the program has unpacked is everybody's to read: it is nobody's secret.
        .filter((path) => !path.startsWith(join(mesh.home, "runtime")))
        // Deno makes its files as it does; the folders that they are in are closed.
        .filter((path) => !/[/\\]deno[/\\]\w+[/\\]/.test(path.slice(mesh.home.length)));
      ok(kept.length > 15, kept.join());
      const modes = await Promise.all(
        kept.map(async (path) => [path, (await stat(path)).mode] as const),
      );
      deepEqual(modes.filter(([, mode]) => (mode & 0o077) !== 0), []);

      // One of an earlier version, that others may enter.
      await chmod(mesh.home, 0o755);
      const again = await mesh.run("start", "-d", fixture("ticker"));
      match(
        again.stderr,
        /^Other users of this machine could read \S+; from now on only you can$/m,
      );
      equal((await stat(mesh.home)).mode & 0o777, 0o700);
    });
  },
);

Deno.test("stop never ends a stranger that has the id of an agent that is gone", async () => {
  await withMesh(async (mesh) => {
    equal((await mesh.run("start", "-d", fixture("clock"))).code, 0);
    const record = await recordOf(mesh, "clock");
    Deno.kill(Number(record["pid"]), "SIGKILL");
    const stranger = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
    try {
      await writeFile(
        join(mesh.home, "agents", "clock.json"),
        JSON.stringify({ ...record, pid: stranger.pid }),
      );
      const named = await mesh.run("stop", "clock");
      equal(named.code, 3, named.stdout);
      equal((await mesh.run("stop")).code, 0);
      equal(stranger.exitCode, null);
      ok(stranger.kill(0), "the stranger was ended");
    } finally {
      stranger.kill("SIGKILL");
      await once(stranger, "exit");
    }
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("stop ends agents whose records are gone too, and a stopped process that does not answer", async () => {
  await withMesh(async (mesh) => {
    equal((await mesh.run("start", "-d", fixture("clock"), fixture("greeter"))).code, 0);
    const { pid } = await recordOf(mesh, "greeter");
    Deno.kill(Number(pid), "SIGSTOP");
    await Deno.remove(join(mesh.home, "agents", "clock.json"));
    const { code, stdout } = await mesh.run("stop", "--timeout", "0.5");
    equal(code, 0);
    deepEqual(stdout.trimEnd().split("\n").toSorted(), [
      "Stopped clock",
      "Stopped greeter",
      "Stopped registry",
    ]);
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("records that were cut off in the middle keep nobody from working", async () => {
  await withMesh(async (mesh) => {
    equal((await mesh.run("start", "-d", fixture("clock"))).code, 0);
    await writeFile(join(mesh.home, "agents", "greeter.json"), '{"name":"gre');
    equal((await mesh.run("start", "-d", fixture("greeter"))).code, 0);
    deepEqual(await agentNames(mesh), ["clock", "greeter"]);
    const files = await readdir(join(mesh.home, "agents"));
    deepEqual(files.filter((name) => name.endsWith(".tmp")), []);
    equal((await mesh.run("stop")).code, 0);
  });
});
