import { deepEqual, equal } from "node:assert/strict";
import {
  agentArguments,
  agentEnvironment,
  agentProcesses,
  covers,
  filesOf,
  lockPath,
  runsChildren,
} from "./agent_process.ts";
import { LockFileSchema } from "../analysis/lock_file.ts";
import { meshHome } from "../machine/home.ts";
import type { StartableAgent } from "./startable_agent.ts";

const home = meshHome("/home");
const lockWith = (specifier: string, version: string) =>
  LockFileSchema.parse({ version: "5", specifiers: { [specifier]: version } });
const source = (file: string, name: string, permissions = {}): StartableAgent => ({
  file,
  name,
  permissions,
  declared: true,
  code: {
    files: [file],
    reach: { files: { [file]: file }, hosts: [`${name}.example:443`] },
    lock: lockWith(`npm:${name}`, "1.0.0"),
    problems: [],
    stray: [],
  },
});
const a = source("/x/a.ts", "a", { net: ["example.com"], write: ["/x/out"] });
const b = source("/y/b.ts", "b");
const places = { home, resolution: ["--no-config"], lock: "/locks/some.json", deno: "/bin/deno" };
const layout = {
  home,
  isolation: "worker" as const,
  pack: false,
  detach: false,
  tied: true,
  watch: false,
  workingDirectory: undefined,
  cwd: "/here",
  root: "/project",
  cache: "/cache",
};

Deno.test("agentProcesses() gives every agent a process in its own folder", () => {
  const processes = agentProcesses([a, b], layout);
  deepEqual(processes.map(({ cwd, log }) => [cwd, log]), [
    ["/x", "/home/logs/a.log"],
    ["/y", "/home/logs/b.log"],
  ]);
  deepEqual(processes[0]?.plan, {
    agents: [{
      file: "/x/a.ts",
      name: "a",
      record: "/home/agents/a.json",
      stop_mark: "/home/agents/a.stop",
      data: "/home/data/a",
      permissions: { net: ["example.com"], write: ["/x/out"] },
    }],
    prefix: false,
    commands: true,
    tied: true,
    watched: false,
  });
});

Deno.test("agentProcesses() packs agents into one process that keeps their lines apart", () => {
  const [foreground, ...others] = agentProcesses([a, b], { ...layout, pack: true });
  equal(others.length, 0);
  deepEqual([foreground?.cwd, foreground?.plan.prefix], ["/here", true]);
  const [detached] = agentProcesses([a, b], { ...layout, pack: true, detach: true });
  equal(detached?.plan.prefix, false);
  deepEqual(detached?.plan.agents.map(({ log }) => log), ["/home/logs/a.log", "/home/logs/b.log"]);
  equal(detached?.log, "/home/logs/_pack.log");
  deepEqual(agentProcesses([], { ...layout, pack: true }), []);
});

Deno.test("agentProcesses() uses a given working folder for all", () => {
  const processes = agentProcesses([a, b], { ...layout, workingDirectory: "/w" });
  deepEqual(processes.map(({ cwd }) => cwd), ["/w", "/w"]);
});

Deno.test("agentProcesses() gives an agent with variables of its own a process where the user is", () => {
  const server: StartableAgent = {
    ...source("/project/bridge.ts", "server"),
    origin: "npx server",
    variables: { SECRET: "x" },
  };
  for (const pack of [false, true]) {
    const processes = agentProcesses([a, b, server], { ...layout, pack, detach: true });
    const own = processes.at(-1);
    deepEqual(
      [
        own?.cwd,
        own?.log,
        own?.variables,
        own?.plan.agents.map(({ name, origin }) => [name, origin]),
      ],
      ["/here", "/home/logs/server.log", { SECRET: "x" }, [["server", "npx server"]]],
    );
    equal(JSON.stringify(own?.plan).includes("SECRET"), false);
    equal(processes.length, pack ? 2 : 3);
    deepEqual(processes[0]?.variables, {});
  }
});

Deno.test("agentArguments() grants the process the runtime's needs and its agents' permissions", () => {
  const [process] = agentProcesses([a], layout);
  if (process === undefined) throw new Error("no process");
  const args = agentArguments(process, { ...places, root: "/project" });
  deepEqual(args.filter((arg) => arg.startsWith("--allow-")).toSorted(), [
    "--allow-env",
    "--allow-import=a.example:443",
    "--allow-net",
    "--allow-read",
    "--allow-sys",
    "--allow-write=/home/agents,/home/logs,/home/data,/x/out,/home/data/a",
  ]);
  equal(args.includes("--no-prompt"), true);
  equal(args.at(-2), "/project/runtime/process/main.ts");
  deepEqual(JSON.parse(args.at(-1) ?? ""), process.plan);
});

Deno.test("agentArguments() grant a process nothing of its agents whose code runs beside it", () => {
  const [process] = agentProcesses([a], { ...layout, isolation: "process" });
  if (process === undefined) throw new Error("no process");
  const { code } = process.plan.agents[0] ?? {};
  deepEqual([code?.cwd, code?.deno_dir], ["/x", "/home/deno/a"]);
  deepEqual([runsChildren(process.plan), filesOf(process.plan)], [true, []]);
  const args = agentArguments(process, { ...places, root: "/project" });
  deepEqual(args.filter((arg) => arg.startsWith("--allow-")).toSorted(), [
    "--allow-env",
    "--allow-net",
    "--allow-read",
    "--allow-run=/bin/deno,/bin/sh",
    "--allow-sys",
    "--allow-write=/home/agents,/home/logs,/home/data",
  ]);
  const packed = agentProcesses([a, b], { ...layout, isolation: "process", pack: true });
  deepEqual(packed.map(({ plan }) => runsChildren(plan)), [true]);
});

Deno.test("agentArguments() have a process load the packages of its own lock file, and no others", () => {
  const [alone] = agentProcesses([a], layout);
  const [packed] = agentProcesses([a, b], { ...layout, pack: true });
  if (alone === undefined || packed === undefined) throw new Error("no process");
  const { home } = layout;
  const args = agentArguments(alone, { ...places, root: "/project" });
  equal(args[args.indexOf("--lock") + 1], places.lock);
  deepEqual([args.includes("--frozen"), args.includes("--cached-only")], [true, true]);
  deepEqual([lockPath(alone, home), lockPath(packed, home)], [
    "/home/locks/a.json",
    "/home/locks/_pack.json",
  ]);
  deepEqual(packed.lock.specifiers, { "npm:a": "1.0.0", "npm:b": "1.0.0" });
});

Deno.test("agentEnvironment() keeps the registry's secrets from agents", () => {
  const environment = {
    PATH: "/bin",
    MCP_MESH_ADMIN_TOKEN: "s3cret",
    MCP_MESH_MCP_TOKEN: "s3cret",
    MCP_MESH_REGISTRY_URL: "x",
  };
  deepEqual(agentEnvironment(environment, "http://r:1", { A: "b" }), {
    MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "true",
    PATH: "/bin",
    MCP_MESH_REGISTRY_URL: "http://r:1",
    A: "b",
  });
  const given = agentEnvironment(environment, "http://r:1", { MCP_MESH_ADMIN_TOKEN: "mine" });
  equal(given["MCP_MESH_ADMIN_TOKEN"], "mine");
});

Deno.test("agentEnvironment() switches tracing on unless somebody switched it off", () => {
  const name = "MCP_MESH_DISTRIBUTED_TRACING_ENABLED";
  equal(agentEnvironment({}, "http://r:1", {})[name], "true");
  equal(agentEnvironment({ [name]: "false" }, "http://r:1", {})[name], "false");
  equal(agentEnvironment({}, "http://r:1", { [name]: "false" })[name], "false");
});

Deno.test("covers() says whether a process may run code with other permissions", () => {
  const given = { net: true, write: ["/a", "/b"], run: false };
  const rows: [Parameters<typeof covers>[1], boolean][] = [
    [{}, true],
    [{ net: ["x"], write: ["/b"] }, true],
    [{ net: true, run: false }, true],
    [{ write: ["/c"] }, false],
    [{ write: true }, false],
    [{ run: ["git"] }, false],
    [{ ffi: true }, false],
  ];
  for (const [wanted, covered] of rows) {
    equal(covers(given, wanted), covered, JSON.stringify(wanted));
  }
});
