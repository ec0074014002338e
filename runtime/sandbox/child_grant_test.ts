import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { childEnvironment, type ChildFacts, childGrant } from "./child_grant.ts";
import { localPorts } from "./child_net.ts";
import type { Permissions } from "./grant.ts";

const TRIALS = fileURLToPath(new URL("./testdata/trials.ts", import.meta.url));
const NOTHING: ChildFacts = { meshPorts: [], environment: {}, closed: [] };

/** One thing that a child tries. */
interface Trial {
  kind: "net" | "read" | "write" | "list" | "rename" | "link" | "env" | "import";
  what: string;
  to?: string;
}

/** Runs a child with the flags and the environment that it is granted, and returns how it fared. */
async function tryAll(
  trials: readonly Trial[],
  granted: Permissions,
  facts: ChildFacts,
): Promise<Record<string, string>> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-config", "--no-lock", "--cached-only"],
      ...childGrant(granted, {}, facts).flags,
      ...[TRIALS, JSON.stringify(trials)],
    ],
    env: childEnvironment(facts.environment, granted),
    clearEnv: true,
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

/** Every spelling of this machine that a child may try. */
const SPELLINGS = [
  ...["localhost", "LOCALHOST", "127.0.0.1", "127.0.0.2", "127.1", "2130706433", "0x7f000001"],
  ...["0177.0.0.1", "0.0.0.0", "0", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]"],
  ...["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0.0.0.0]", "localhost.", "a.localhost"],
];

/** Trials of a port by all spellings. */
function everywhere(port: number): Trial[] {
  return SPELLINGS.map((host) => ({ kind: "net", what: `${host}:${port}` }));
}

/** Servers on every address of this machine, one a port. */
function servers(count: number): AsyncDisposable & { ports: number[] } {
  const all = Array.from({ length: count }, () => serve("::") ?? serve("0.0.0.0"));
  return {
    ports: all.map((server) => server?.addr.port ?? 0),
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((server) => server?.shutdown()));
    },
  };
}

function serve(hostname: string): Deno.HttpServer<Deno.NetAddr> | undefined {
  try {
    return Deno.serve({ hostname, port: 0, onListen() {} }, () => new Response("here"));
  } catch {
    // The machine has no IPv6.
    return undefined;
  }
}

/** The trials that came through. */
function passed(outcome: Record<string, string>): string[] {
  return Object.entries(outcome).filter(([, how]) => how === "passed").map(([what]) => what);
}

processTest("childGrant() leave no spelling of loopback to a list of hosts", async () => {
  await using three = servers(1);
  const [port = 0] = three.ports;
  const facts = { ...NOTHING, meshPorts: [1] };
  const trials = everywhere(port);
  const lists = [
    ["localhost", "127.0.0.1", "[::1]"],
    ["api.example.com", "127.0.0.2", "LOCALHOST", "127.1", "[::ffff:127.0.0.1]"],
    ["0.0.0.0", "127.0.0.0/8", "2130706433", "localhost."],
  ];
  for (const net of lists) {
    assert.deepEqual(passed(await tryAll(trials, { net }, facts)), [], net.join());
  }
});

processTest(
  "childGrant() leave the ports of the mesh to nobody, others to whom names them",
  async () => {
    await using two = servers(2);
    const [mesh = 0, redis = 0] = two.ports;
    const trials = [...everywhere(mesh), ...everywhere(redis)];
    const environment = { REDIS_URL: `redis://127.0.0.1:${redis}/0`, MESH: `localhost:${mesh}` };
    const facts = { ...NOTHING, environment, meshPorts: [mesh] };
    const rows: [granted: Permissions, expected: string[]][] = [
      [{ net: [`localhost:${redis}`, `localhost:${mesh}`] }, ["localhost", "LOCALHOST"]],
      [{ net: [`127.0.0.1:${redis}`] }, ["127.0.0.1"]],
      [{ net: ["localhost", "127.0.0.1"], env: ["REDIS_URL", "MESH"] }, ["127.0.0.1"]],
      [{ net: ["localhost", "127.0.0.1"], env: ["RED*"] }, ["127.0.0.1"]],
      [{ net: ["localhost", "127.0.0.1"] }, []],
      [{ net: ["localhost"], env: ["REDIS_URL"] }, []],
      [{ net: ["a.example"], env: ["REDIS_URL"] }, []],
    ];
    for (const [granted, hosts] of rows) {
      const came = passed(await tryAll(trials, granted, facts));
      assert.deepEqual(
        came.filter((what) => what.endsWith(`:${mesh}`)),
        [],
        JSON.stringify(granted),
      );
      for (const host of hosts) assert.ok(came.includes(`net ${host}:${redis}`), host);
      if (hosts.length === 0) assert.deepEqual(came, []);
      assert.ok(!came.includes(`net 127.0.0.2:${redis}`));
      assert.ok(!came.includes(`net [::1]:${redis}`));
    }
  },
);

processTest("childGrant() leave all but the ports of the mesh to --allow-net and -A", async () => {
  await using two = servers(2);
  const [mesh = 0, other = 0] = two.ports;
  const facts = { ...NOTHING, meshPorts: [mesh] };
  for (const granted of [{ net: true }, { net: true, read: true, env: true, run: true }]) {
    const came = passed(await tryAll([...everywhere(mesh), ...everywhere(other)], granted, facts));
    assert.deepEqual(came.filter((what) => what.endsWith(`:${mesh}`)), []);
    for (const host of ["localhost", "127.0.0.1", "127.0.0.2", "0.0.0.0"]) {
      assert.ok(came.includes(`net ${host}:${other}`), host);
    }
  }
});

processTest("childGrant() keep what is closed from --allow-read and --allow-write", async () => {
  const root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "child-grant-" }));
  try {
    const [home, data, free] = ["home", "home/data/me", "free"].map((name) => join(root, name));
    const [records, cache] = [join(root, "home/agents"), join(root, "cache")];
    for (const folder of [records, data!, free!, cache]) {
      Deno.mkdirSync(folder, { recursive: true });
    }
    Deno.writeTextFileSync(join(records, "me.json"), "secret");
    Deno.symlinkSync(home!, join(root, "alias"));
    const secret = join(records, "me.json");
    const trials: Trial[] = [
      { kind: "read", what: secret },
      { kind: "read", what: `${data}/../../agents/me.json` },
      { kind: "read", what: `/proc/self/root${secret}` },
      { kind: "list", what: records },
      { kind: "link", what: secret, to: join(data!, "link") },
      { kind: "link", what: root, to: join(free!, "link") },
      { kind: "read", what: join(free!, "link/home/agents/me.json") },
      { kind: "write", what: join(records, "new.json") },
      { kind: "write", what: join(root, "alias/agents/new.json") },
      { kind: "write", what: join(cache, "new.js") },
      { kind: "rename", what: home!, to: join(root, "home2") },
      { kind: "rename", what: join(root, "home/agents"), to: join(free!, "agents") },
      { kind: "rename", what: root, to: `${root}-2` },
      { kind: "rename", what: cache, to: join(free!, "cache") },
      { kind: "import", what: secret },
      { kind: "read", what: join(root, "free/none") },
      { kind: "write", what: join(free!, "mine") },
      { kind: "write", what: join(data!, "mine") },
    ];
    const facts = { ...NOTHING, closed: [records, `${data}.json`], unwritable: [cache] };
    const rows: Permissions[] = [
      { read: true, write: [root] },
      { read: [root], write: [root] },
      { read: true, write: true, net: true, env: true },
    ];
    for (const granted of rows) {
      const came = passed(await tryAll(trials, granted, { ...facts, data: data! }));
      assert.deepEqual(came, [`write ${join(free!, "mine")}`, `write ${join(data!, "mine")}`]);
    }
    assert.equal(Deno.readTextFileSync(secret), "secret");
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

processTest("childGrant() leave nothing that is closed to lists that name it", async () => {
  const root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "child-grant-" }));
  try {
    const [records, free] = [join(root, "agents"), join(root, "free")];
    for (const folder of [records, free]) {
      Deno.mkdirSync(folder);
      Deno.writeTextFileSync(join(folder, "file"), "kept");
    }
    Deno.symlinkSync(records, join(root, "alias"));
    const names = [records, join(records, "file"), join(root, "alias"), join(root, "alias/file")];
    const dots = `${free}/../agents`;
    const trials = [...names, free].flatMap((path): Trial[] => [
      { kind: "read", what: path.endsWith("file") ? path : join(path, "file") },
      { kind: "list", what: path },
    ]);
    const facts = { ...NOTHING, closed: [records] };
    for (const read of [[free, ...names, dots], [...names, free, "/usr", "/bin"]]) {
      assert.deepEqual(
        passed(await tryAll(trials, { read }, facts)),
        [`read ${free}/file`, `list ${free}`],
      );
    }
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

processTest("childGrant() leave no file of the system to imports", async () => {
  const facts = { ...NOTHING, closed: ["/nowhere"] };
  const paths = [
    ...["/proc/self/environ", "/proc/1/environ", "/proc/self/root/etc/hosts", "/proc/self/maps"],
    ...["/proc/thread-self/environ", "//proc/self/environ", "/tmp/../proc/self/environ"],
    ...[`/proc/${Deno.pid}/environ`, `/proc/${Deno.pid}/root/etc/hosts`, "/dev/fd/2"],
  ];
  const trials = paths.map((path): Trial => ({ kind: "import", what: `file://${path}` }));
  for (const read of [true, ["/"], ["/proc"], ["/proc/self/environ", "/proc/self/root/etc"]]) {
    assert.deepEqual(passed(await tryAll(trials, { read }, facts)), [], String(read));
  }
});

processTest("childEnvironment() and --ignore-env show a child its own variables only", async () => {
  const environment = {
    ...{ MCP_MESH_REQUEST_STATE_KEY: "k", MCP_MESH_DATA_DIR: "/d", API_KEY: "a", OTHER: "o" },
    ...{ DENO_DIR: "/elsewhere", PATH: "/bin", TZ: "UTC", DENO_AUTH_TOKENS: "t" },
  };
  const names = Object.keys(environment);
  const trials = names.map((what): Trial => ({ kind: "env", what }));
  const facts = { ...NOTHING, environment };
  const seen = async (granted: Permissions) => {
    const outcome = Object.entries(await tryAll(trials, granted, facts));
    return outcome.filter(([, how]) => how === "passed").map(([what]) => what.slice(4));
  };
  assert.deepEqual(await seen({ env: true }), [
    ...["MCP_MESH_DATA_DIR", "API_KEY", "OTHER", "PATH", "TZ"],
  ]);
  assert.deepEqual(await seen({ env: ["API_KEY", "MCP_MESH_*"] }), [
    ...["MCP_MESH_DATA_DIR", "API_KEY"],
  ]);
  assert.deepEqual(await seen({ env: ["API_KEY"], ignoreEnv: true }), ["API_KEY"]);
  assert.deepEqual(await seen({}), []);
});

Deno.test("childEnvironment() has what Deno reads, and PATH where something may be run", () => {
  const environment = {
    ...{ PATH: "/bin", HTTPS_PROXY: "http://p", TZ: "UTC", LC_ALL: "C", HOME: "/h", SECRET: "s" },
    ...{ MCP_MESH_LOG_LEVEL: "debug", mcp_mesh_admin_token: "t", DENO_V8_FLAGS: "--x" },
  };
  const base = { HTTPS_PROXY: "http://p", TZ: "UTC", LC_ALL: "C", HOME: "/h" };
  assert.deepEqual(childEnvironment(environment, {}), base);
  assert.deepEqual(childEnvironment(environment, { run: ["git"] }), { ...base, PATH: "/bin" });
  assert.deepEqual(childEnvironment(environment, { run: [] }), base);
  assert.deepEqual(childEnvironment(environment, { env: true }), {
    ...base,
    ...{ PATH: "/bin", SECRET: "s", MCP_MESH_LOG_LEVEL: "debug" },
  });
});

Deno.test("childEnvironment() says where packages came from, without credentials unless these are granted", () => {
  const environment = {
    JSR_URL: "https://ada:secret@jsr.example/",
    NPM_CONFIG_REGISTRY: "https://token@npm.example/all",
  };
  const bare = { JSR_URL: "https://jsr.example/", NPM_CONFIG_REGISTRY: "https://npm.example/all" };
  assert.deepEqual(childEnvironment(environment, {}), bare);
  assert.deepEqual(childEnvironment(environment, { env: ["JSR_URL"] }), {
    ...bare,
    JSR_URL: environment.JSR_URL,
  });
  assert.deepEqual(childEnvironment(bare, {}), bare);
  assert.deepEqual(childEnvironment({ JSR_URL: "none" }, {}), { JSR_URL: "none" });
});

Deno.test("childEnvironment() has the plan of an MCP server where that is named, and only there", () => {
  const environment = { MCP_MESH_MCP_SERVER: "{}" };
  assert.deepEqual(childEnvironment(environment, { env: ["MCP_MESH_MCP_SERVER"] }), environment);
  assert.deepEqual(childEnvironment(environment, { env: ["MCP_MESH_*"] }), {});
  assert.deepEqual(childEnvironment(environment, { env: true }), {});
});

Deno.test("localPorts() finds the ports of this machine that variables name", () => {
  const found = localPorts({
    A_URL: "redis://user:p@ss@localhost:6380/0",
    B: "127.0.0.1:9092, localhost:9093,kafka:9094",
    C: "http://[::1]:4000/v1?x=localhost:1",
    D: "http://localhost",
    E_HOST: "localhost",
    E_PORT: "7000",
    F: "localhost",
    G: "https://api.example.com:443/localhost:5",
    H: "2130706433:77",
    I: "localhost:99999",
  });
  assert.deepEqual(found.map(({ variable, host, port }) => `${variable} ${host}:${port}`), [
    "A_URL localhost:6380",
    "B 127.0.0.1:9092",
    "B localhost:9093",
    "C ::1:4000",
    "D localhost:80",
    "E_HOST localhost:7000",
    "H 127.0.0.1:77",
  ]);
});

Deno.test("childGrant() says what of a first line is left out, and why", () => {
  const { left_out, local } = childGrant(
    {
      net: ["localhost", "127.0.0.1", "127.0.0.1:8000", "a.example"],
      env: ["MCP_MESH_*", "REDIS_URL"],
      write: ["/home/me/.mcp-mesh/logs"],
    },
    {},
    {
      meshPorts: [8000],
      environment: {
        REDIS_URL: "redis://localhost",
        MCP_MESH_REGISTRY_URL: "http://localhost:8000",
      },
      closed: ["/home/me/.mcp-mesh/logs"],
    },
  );
  assert.deepEqual(left_out, [
    {
      what: "--allow-net=localhost",
      why: "of this machine only the ports that it names or its variables do: 6379 (REDIS_URL)",
    },
    {
      what: "--allow-net=127.0.0.1",
      why: "a port of this machine has to be named: localhost:6379",
    },
    { what: "--allow-net=127.0.0.1:8000", why: "it is a port of the mesh" },
    {
      what: "--allow-write=/home/me/.mcp-mesh/logs",
      why: "but for what the mesh and the runtime keep there",
    },
    {
      what: "--allow-env=MCP_MESH_*",
      why: "of the variables of the mesh only MCP_MESH_DATA_DIR, MCP_MESH_LOG_FORMAT, " +
        "MCP_MESH_LOG_LEVEL are passed on",
    },
  ]);
  assert.deepEqual(local, ["localhost:6379"]);
});

Deno.test("childGrant() split lists that no argument may be as long as", () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `file-${index}`);
  const list = (folder: string) => folder === "/nowhere" ? names : [];
  const facts = { ...NOTHING, closed: ["/nowhere/home"], list };
  const { flags } = childGrant({ write: ["/nowhere"] }, {}, facts);
  const lists = flags.filter((flag) => flag.startsWith("--allow-write="));
  assert.ok(lists.length > 1 && lists.every((flag) => flag.length < 128 * 1024));
  const paths = lists.flatMap((flag) => flag.slice("--allow-write=".length).split(","));
  assert.deepEqual(paths, names.map((name) => `/nowhere/${name}`));
});

Deno.test("childGrant() refuse to deny a path that Deno would read as two", () => {
  assert.throws(
    () => childGrant({ read: true }, {}, { ...NOTHING, closed: ["/home/a,b/agents"] }),
    { code: "bad_config", message: /comma.*MCP_MESH_HOME/ },
  );
});
