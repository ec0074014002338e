import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fixture, withMesh } from "./meshctl.ts";

Deno.test("start -d returns when everything is wired; stop leaves nothing", async () => {
  await withMesh(async (mesh) => {
    const started = await mesh.run("start", "-d", fixture("greeter"), fixture("clock"));
    equal(started.code, 0, started.stderr);
    match(started.stdout, /Started 2 agents in the background\n.*\(started, state in /);
    match(started.stdout, /^greeter +http:\/\/127\.0\.0\.1:\d+ +greet$/m);

    const called = await mesh.run("call", "greet", '{"name":"Ada"}');
    equal(JSON.parse(called.stdout).content[0].text, "good evening, Ada");

    const listed = JSON.parse((await mesh.run("list", "--json")).stdout);
    deepEqual(
      listed.agents.map(({ name, status, file_path }: Record<string, string>) => [
        name,
        status,
        file_path,
      ]),
      [["clock", "healthy", fixture("clock")], ["greeter", "healthy", fixture("greeter")]],
    );
    deepEqual(
      listed.processes.map(({ name }: { name: string }) => name).toSorted(),
      ["clock", "greeter", "registry"],
    );

    const again = await mesh.run("start", "-d", fixture("clock"));
    equal(again.code, 1);
    match(again.stderr, /agent already running: clock \(process \d+, .*\)\n.*stop clock/);

    const stopped = await mesh.run("stop", "clo");
    deepEqual([stopped.code, stopped.stdout], [0, "Stopped clock\n"]);
    match((await mesh.run("logs", "clock")).stdout, /registered as clock-/);

    equal((await mesh.run("stop", "clcok")).code, 3);
    const last = await mesh.run("stop", "greeter");
    deepEqual([last.code, last.stdout], [0, "Stopped greeter\nStopped registry\n"]);
    deepEqual(await mesh.processes(), []);
    equal((await mesh.run("stop")).stdout, `Nothing is running under ${mesh.home}\n`);
    equal((await mesh.run("list")).code, 4);
  });
});

Deno.test("start -d tells which optional dependency has no provider", async () => {
  await withMesh(async (mesh) => {
    const { code, stderr } = await mesh.run("start", "-d", fixture("greeter"));
    equal(code, 0);
    match(stderr, /greeter: optional dependency clock \(day_time\) of greet has no provider yet/);
    match(stderr, /^Try: .* call greet '\{"name":"Ada"\}'$/m);
  });
});

Deno.test("start -d exits 1 for a required dependency without a provider, and lets it wait", async () => {
  await withMesh(async (mesh) => {
    const { code, stderr } = await mesh.run("start", "-d", fixture("dependent"));
    equal(code, 1);
    match(stderr, /dependent: required dependency oracle \(oracle\) of ask has no provider yet/);
    match((await mesh.run("list")).stdout, /^dependent-\S+ .* healthy/m);
  }, { MCP_MESH_SETTLE_TIMEOUT: "0.3" });
});

Deno.test("start --pack runs all agents in one process, which is stopped only as a whole", async () => {
  await withMesh(async (mesh) => {
    const agents = [fixture("greeter"), fixture("clock")];
    equal((await mesh.run("start", "-d", "--pack", ...agents)).code, 0);
    const { processes } = JSON.parse((await mesh.run("list", "--json")).stdout);
    equal(new Set(processes.map(({ pid }: { pid: number }) => pid)).size, 2);
    match((await mesh.run("logs", "greeter")).stdout, /registered as greeter-/);
    const one = await mesh.run("stop", "clock");
    equal(one.code, 1);
    match(
      one.stderr,
      /clock shares process \d+ with greeter\n.*stop greeter clock|stop clock greeter/,
    );
    equal((await mesh.run("stop", "clock", "greeter")).code, 0);
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("start uses a registry that is there, and leaves it there", async () => {
  await withMesh(async (mesh) => {
    const only = await mesh.run("start", "--registry-only", "-d");
    equal(only.code, 0, only.stderr);
    match(only.stdout, /^Registry is running in the background\n/);
    const foreground = mesh.spawn("start", fixture("clock"));
    match(await foreground.line("Registry:"), /\(already running\)/);
    await foreground.line("Ctrl+C stops everything");
    foreground.signal("SIGTERM");
    equal((await foreground.ended).code, 0);
    match((await mesh.run("list")).stdout, /^Registry: running/);
    const stopped = await mesh.run("stop", "--registry");
    deepEqual([stopped.code, stopped.stdout], [0, "Stopped registry\n"]);
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("a dependency follows its provider: away, and back at another address", async () => {
  await withMesh(async (mesh) => {
    const greeter = mesh.spawn("start", fixture("greeter"));
    await greeter.line("Ctrl+C stops everything");
    const greeting = async () =>
      JSON.parse((await mesh.run("call", "greet", '{"name":"Ada"}')).stdout).content[0].text;
    equal(await greeting(), "good day, Ada");
    equal((await mesh.run("start", "-d", fixture("clock"))).code, 0);
    const first = await greeter.line("of greet is wired to clock-");
    equal(await greeting(), "good evening, Ada");
    equal((await mesh.run("stop", "clock")).code, 0);
    await greeter.line("of greet is not wired");
    equal(await greeting(), "good day, Ada");
    equal((await mesh.run("start", "-d", fixture("clock"))).code, 0);
    const second = await greeter.line("of greet is wired to clock-", first);
    notEqual(second, first);
    equal(await greeting(), "good evening, Ada");
    greeter.signal("SIGINT");
    equal((await greeter.ended).code, 0);
  }, { MCP_MESH_HEALTH_INTERVAL: "0.2" });
});

Deno.test("two starts at once share one registry", async () => {
  await withMesh(async (mesh) => {
    const outcomes = await Promise.all([
      mesh.run("start", "-d", fixture("clock")),
      mesh.run("start", "-d", fixture("greeter")),
    ]);
    deepEqual(outcomes.map(({ code }) => code), [0, 0], outcomes.map((o) => o.stderr).join("\n"));
    equal(outcomes.filter(({ stdout }) => stdout.includes("(started, ")).length, 1);
    match((await mesh.run("list")).stdout, /2 healthy/);
  });
});

Deno.test("start --registry-port 0 takes any free port", async () => {
  await withMesh(async (mesh) => {
    const { code, stdout } = await mesh.run(
      "start",
      "-d",
      "--registry-port",
      "0",
      fixture("clock"),
    );
    equal(code, 0);
    const [, url = ""] = /Registry: (http:\S+)/.exec(stdout) ?? [];
    equal((await mesh.run("list", "--registry-url", url)).code, 0);
    const other = await mesh.run("start", "-d", fixture("greeter"));
    equal(other.code, 1);
    match(other.stderr, /a registry already runs at http.*not at/);
  });
});

Deno.test("start gives agents their variables, and a name", async () => {
  await withMesh(async (mesh) => {
    const file = join(mesh.home, "my.env");
    await writeFile(file, 'export MESH_E2E_WORD="from file"\n');
    const started = ["start", "-d", fixture("wide_reader"), "--env-file", file];
    equal((await mesh.run(...started, "--agent-name", "first")).code, 0);
    const second = ["--env", "MESH_E2E_WORD=from option", "--agent-name", "second"];
    equal((await mesh.run(...started, ...second)).code, 0);
    const word = async (agent: string) =>
      JSON.parse((await mesh.run("call", `${agent}:word`)).stdout).content[0].text;
    equal(await word("first"), "from file");
    equal(await word("second"), "from option");
    equal((await mesh.run("call", "word")).code, 2);
  });
});

Deno.test("a mesh that was killed is swept away by the next start", async () => {
  await withMesh(async (mesh) => {
    equal((await mesh.run("start", "-d", fixture("clock"))).code, 0);
    for (const pid of await mesh.processes()) Deno.kill(pid, "SIGKILL");
    match(await readFile(join(mesh.home, "agents", "clock.json"), "utf8"), /"registered"/);
    const again = await mesh.run("start", "-d", fixture("clock"));
    equal(again.code, 0, again.stderr);
    match((await mesh.run("list")).stdout, /1 healthy/);
    const clean = await mesh.run("stop", "--clean");
    match(clean.stdout, /Stopped clock\nStopped registry\nDeleted the database/);
    match((await mesh.run("logs", "clock")).stderr, /Nothing was started here yet/);
  });
});

Deno.test("call exits 6 when the tool takes too long, and 5 when it fails", async () => {
  await withMesh(async (mesh) => {
    equal((await mesh.run("start", "-d", fixture("slow"), fixture("greeter"))).code, 0);
    const late = await mesh.run("call", "wait", "--timeout", "0.4");
    equal(late.code, 6);
    match(late.stderr, /no result within 0\.4 s/);
    const failed = await mesh.run("call", "greet", '{"name":5}', "--check=false");
    equal(failed.code, 5);
    const result = JSON.parse(failed.stdout);
    equal(result.isError, true);
    match(result.content[0].text, /name/);
    equal((await mesh.run("call", "gret")).code, 3);
  });
});
