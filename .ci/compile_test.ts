/** The one file that people install, used as they use it: outside of the checkout, with nothing else. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./fixtures/free_port.ts";
import { launcherFile } from "./compile/launcher_file.ts";
import { launcherModule, makeRelease } from "./compile/release.ts";
import { Certificates } from "./fixtures/certificates.ts";
import { processTest } from "./fixtures/process_tests.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const INSTALL = join(ROOT, "install.sh");

/** Settings that whoever runs the tests may have. */
const NOTHING_SET = {
  NO_COLOR: "1",
  MCP_MESH_HOME: "",
  MCP_MESH_REGISTRY_URL: "",
  npm_command: "",
};

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** A folder with nothing in it but what is put there. */
class EmptyFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<EmptyFolder> {
    return new EmptyFolder(await mkdtemp(join(tmpdir(), "meshctl-")));
  }

  /** Runs a program here, by somebody whose `HOME` this is. */
  async run(command: string, args: string[], env: Record<string, string> = {}): Promise<Outcome> {
    const { code, stdout, stderr } = await new Deno.Command(command, {
      args,
      cwd: this.path,
      env: { ...NOTHING_SET, HOME: this.path, DENO_DIR: join(this.path, ".cache"), ...env },
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}

/** The launcher, as `deno task compile --launcher` makes it. */
async function launcherIn(folder: string): Promise<string> {
  const output = join(folder, "meshctl");
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-prompt",
      join(ROOT, ".ci/compile.ts"),
      "--launcher",
      "--output",
      output,
    ],
    stdin: "null",
  }).output();
  ok(success, new TextDecoder().decode(stderr));
  return output;
}

async function runsAgents(meshctl: string, user: EmptyFolder): Promise<void> {
  await copyFile(join(ROOT, "cli/e2e/fixtures/greeter.ts"), join(user.path, "greeter.ts"));
  const env = { MCP_MESH_REGISTRY_PORT: String(freePort()) };

  // Two first runs at once, which unpack it once.
  const [version] = await Promise.all([1, 2].map(() => user.run(meshctl, ["--version"], env)));
  match(version?.stdout ?? "", /^meshctl version v\d+\.\d+\.\d+\n$/);
  const releases = await readdir(join(user.path, ".mcp-mesh", "runtime"));
  equal(releases.length, 1);

  try {
    const started = await user.run(meshctl, ["start", "-d", "greeter.ts"], env);
    equal(started.code, 0, started.stderr);
    match(started.stdout, /^greeter .* greet$/m);
    match(started.stderr, /^Stop: meshctl stop$/m);
    match((await user.run(meshctl, ["list"], env)).stdout, /^greeter-\S+ +Deno +Agent +healthy/m);
    const called = await user.run(meshctl, ["call", "greet", '{"name":"Ada"}'], env);
    match(called.stdout, /good day, Ada/);
  } finally {
    equal((await user.run(meshctl, ["stop"], env)).code, 0);
  }
  const left = (await readdir(user.path)).filter((name) => !/^\.|^meshctl/.test(name));
  deepEqual(left, ["greeter.ts"]);
}

/** An agent that may write everything, and says how it fares. */
const MEDDLER = `#!/usr/bin/env -S deno run --allow-read --allow-write
import { agent, tool } from "mesh";
import { z } from "zod";

export default agent({
  name: "meddler",
  tools: {
    append: tool({ input: z.object({ file: z.string() }) }, async ({ file }) => {
      try {
        await Deno.writeTextFile(file, "\\n", { append: true });
        return "written";
      } catch (error) {
        return error instanceof Error ? error.name : String(error);
      }
    }),
  },
});
`;

async function keepsItsRuntime(meshctl: string, user: EmptyFolder): Promise<void> {
  await writeFile(join(user.path, "meddler.ts"), MEDDLER);
  await mkdir(join(user.path, "notes"));
  const env = { MCP_MESH_REGISTRY_PORT: String(freePort()) };
  try {
    const started = await user.run(meshctl, ["start", "-d", "meddler.ts"], env);
    equal(started.code, 0, started.stderr);
    const { agents } = JSON.parse((await user.run(meshctl, ["permissions", "--json"], env)).stdout);
    deepEqual(agents.map(({ isolation }: { isolation: string }) => isolation), ["process"]);
    const append = async (file: string) => {
      const words = ["call", "append", `file=${join(user.path, file)}`, "-o", "value"];
      const { stdout, stderr } = await user.run(meshctl, words, env);
      return stdout.trim() + stderr;
    };
    equal(await append("notes/note.txt"), "written");
    const [release = ""] = await readdir(join(user.path, ".mcp-mesh", "runtime"));
    const carried = ["runtime/mod.ts", "runtime/handler/child/main.ts", "cli/main.js", "deno.json"];
    for (const file of [...carried, "import_map.json", "deno.lock", "new.ts", "../new/mod.ts"]) {
      equal(await append(join(".mcp-mesh", "runtime", release, file)), "NotCapable", file);
    }
  } finally {
    equal((await user.run(meshctl, ["stop"], env)).code, 0);
  }
}

async function saysWhatIsMissing(meshctl: string, user: EmptyFolder): Promise<void> {
  const without = await user.run("/bin/sh", [meshctl, "list"], { PATH: join(user.path, "none") });
  equal(without.code, 1);
  match(without.stderr, /^Error: meshctl needs Deno .* no `deno` on PATH\nInstall it: npm install/);
  const nowhere = await user.run(meshctl, ["list"], { MCP_MESH_HOME: join(meshctl, "home") });
  equal(nowhere.code, 1);
  match(
    nowhere.stderr,
    /^Error: meshctl cannot unpack itself into .*\nPart of the path is a file; .* set MCP_MESH_HOME/,
  );
}

/** The same sources make the same file, wherever they are. */
async function isMadeAgain(meshctl: string, { path }: EmptyFolder): Promise<void> {
  for (const name of ["cli", "registry", "runtime", "deno.json", "deno.lock", "import_map.json"]) {
    await cp(join(ROOT, name), join(path, name), { recursive: true });
  }
  const [{ name, archive }, module] = await Promise.all([makeRelease(path), launcherModule(path)]);
  const again = launcherFile({ release: name, module, archive });
  ok(await readFile(meshctl, "utf8") === again, "the two files differ");
}

async function isInstalled(meshctl: string, user: EmptyFolder): Promise<void> {
  const installed = await user.run(INSTALL, [meshctl]);
  equal(installed.code, 0, installed.stderr);
  match(installed.stdout, /Installed \S+\/\.local\/bin\/meshctl \(meshctl version v/);
  match(installed.stdout, /Put it on your PATH/);

  const into = { MESHCTL_INSTALL_DIR: join(user.path, "bin") };
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) =>
      new URL(request.url).pathname === "/meshctl"
        ? readFile(meshctl).then((bytes) => new Response(new Uint8Array(bytes)))
        : new Response("<html>Not found</html>", { status: 404 }),
  );
  const address = `http://127.0.0.1:${server.addr.port}`;
  equal((await user.run(INSTALL, [`${address}/meshctl`], into)).code, 0);
  match((await user.run(join(user.path, "bin", "meshctl"), ["-v"])).stdout, /^meshctl version/);

  const digest = createHash("sha256").update(await readFile(meshctl)).digest("hex");
  const checked = await user.run(
    INSTALL,
    ["--sha256", digest.toUpperCase(), `${address}/meshctl`],
    into,
  );
  equal(checked.code, 0, checked.stderr);
  equal(checked.stderr, "");

  // Whatever is refused is not run, and leaves nothing behind.
  const changed = join(user.path, "changed");
  await copyFile(meshctl, changed);
  await writeFile(
    changed,
    (await readFile(meshctl, "latin1")).replace("exec deno", "touch ran; exec deno"),
  );
  const listed = join(user.path, "listed");
  await mkdir(listed);
  await copyFile(changed, join(listed, "meshctl"));
  await copyFile(join(dirname(meshctl), "SHA256SUMS"), join(listed, "SHA256SUMS"));
  const refusals: [args: string[], said: RegExp][] = [
    [[join(ROOT, "README.md")], /README\.md holds is not meshctl/],
    [[join(user.path, "none")], /there is no file/],
    [[`${address}/none`], /cannot be downloaded/],
    [["--sha256", digest, changed], /its SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}/],
    [[`--sha256=${digest}`, changed], /is not what was meant/],
    [[join(listed, "meshctl")], /is not what was meant/],
    [["--sha256", digest.slice(1), meshctl], /has 63 digits and not 64/],
    [["--sha256", "x".repeat(64), meshctl], /which is no SHA-256/],
    [[meshctl, "--sha256"], /needs a digest/],
    [["--sha256", "", meshctl], /has 0 digits and not 64/],
    [["--sha256=", meshctl], /has 0 digits and not 64/],
    [["http://example.invalid/meshctl"], /can be changed by anybody on the way\nGive its digest/],
    [["http://127.example.invalid/meshctl"], /can be changed by anybody on the way/],
    [["http://localhost.example.invalid/meshctl"], /can be changed by anybody on the way/],
    [["http://localhost:80@example.invalid/meshctl"], /names a user/],
    [["https://ada@example.invalid/meshctl"], /names a user/],
    [["https://example.invalid/meshctl@1.0/meshctl"], /cannot be downloaded/],
    [["--sha265", digest, meshctl], /there is no option --sha265/],
  ];
  const folder = join(user.path, "x");
  await mkdir(folder);
  for (const [args, said] of refusals) {
    const refused = await user.run(INSTALL, args, { MESHCTL_INSTALL_DIR: folder });
    equal(refused.code, 1, args.join(" "));
    match(refused.stderr, /^Error: /m);
    match(refused.stderr, said);
    deepEqual(await readdir(folder), []);
  }
  deepEqual((await readdir(user.path)).filter((name) => name === "ran"), []);

  if (Certificates.areAvailable()) {
    await using certificates = await Certificates.make();
    const [cert, key] = await Promise.all(
      [certificates.server.cert, certificates.server.key].map((file) => readFile(file, "utf8")),
    );
    await using secure = Deno.serve(
      { port: 0, hostname: "127.0.0.1", cert: cert ?? "", key: key ?? "", onListen: () => {} },
      () => Response.redirect(`${address}/meshctl`),
    );
    const url = `https://127.0.0.1:${secure.addr.port}/meshctl`;
    const trusting = { ...into, CURL_CA_BUNDLE: certificates.ca };
    const led = await user.run(INSTALL, [url], trusting);
    equal(led.code, 1);
    match(led.stderr, /Protocol "?http"? .*\n.*cannot be downloaded/);
    equal((await user.run(INSTALL, ["--sha256", digest, url], trusting)).code, 0);
  }

  const options = ["install", "-g", "--name", "meshctl", "-A", `${meshctl}.js`];
  equal((await user.run(Deno.execPath(), options)).code, 0);
  const shim = join(user.path, ".deno", "bin", "meshctl");
  match((await user.run(shim, ["help"])).stdout, /^Usage: meshctl <command>/m);
}

processTest("one file is all that somebody without a checkout needs", async (test) => {
  await using place = await EmptyFolder.make();
  const meshctl = await launcherIn(place.path);
  const uses = {
    "it runs agents anywhere: version, start, list, call, stop": runsAgents,
    "no agent writes the runtime that it has unpacked, whatever its code may write":
      keepsItsRuntime,
    "it says what is missing: deno, or a place for what it carries": saysWhatIsMissing,
    "install.sh and deno install put it where it runs; install.sh refuses anything else":
      isInstalled,
    "the same sources make the same file, wherever they are": isMadeAgain,
  };
  for (const [name, use] of Object.entries(uses)) {
    await test.step(name, async () => {
      await using user = await EmptyFolder.make();
      await use(meshctl, user);
    });
  }
});
