/** The commands that findings suggest: each is run as it is, and then what it was for is well. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { meshHome } from "../machine/home.ts";
import { readStartable } from "../start/startable_agent.ts";
import { checkAgents } from "./agent_checks.ts";
import type { Finding } from "./finding.ts";
import { diskFinding, homeFindings } from "./machine_checks.ts";
import { kvFinding } from "./service_checks.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A folder whose name the shell must not take apart. */
async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), "mesh-fix-"));
  const folder = join(parent, "it's a folder");
  await mkdir(folder);
  try {
    await body(folder);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

/** Runs a suggested command; `sudo` there does without a password. */
async function run(fix: string | undefined, cwd: string): Promise<string> {
  ok(fix !== undefined, "there is a command");
  const bin = join(dirname(cwd), "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, "sudo"), '#!/bin/sh\nexec "$@"\n');
  await chmod(join(bin, "sudo"), 0o755);
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", fix],
    cwd,
    env: { PATH: [bin, Deno.env.get("PATH")].join(delimiter) },
  }).output();
  equal(code, 0, `${fix}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Returns what is wrong with the agent in a folder. */
async function check(
  folder: string,
  environment: Record<string, string> = {},
): Promise<Finding[]> {
  const context = { deno: Deno.execPath(), root, cwd: folder, program: "meshctl" };
  const start = { environment, home: meshHome(folder) };
  const sources = [await readStartable(join(folder, "an agent.ts"), undefined, start, context)];
  const findings = await checkAgents({ ...start, sources }, context);
  return findings.filter(({ level }) => level !== "ok");
}

const AGENT = `import { agent } from "mesh";
export default agent({ name: "some-agent", tools: {} });
`;
const DECLARED = `#!/usr/bin/env -S deno run --allow-env=MY_KEY\n${AGENT}`;

const EDITS: [what: string, before: string, after: RegExp][] = [
  ["imports", `import 'semver-of-nobody';\n${AGENT}`, /^import 'npm:semver-of-nobody';\n/],
  [
    "imports",
    `import "@nobody/semver-of-nobody/a.b";\n${AGENT}`,
    /^import "npm:@nobody\/semver-of-nobody\/a\.b";\n/,
  ],
];

for (const [what, before, after] of EDITS) {
  processTest(`the fix of ${what} edits ${before.split("\n", 1)[0]} and nothing else`, async () => {
    await inFolder(async (folder) => {
      const file = join(folder, "an agent.ts");
      await writeFile(file, before);
      const [finding] = await check(folder);
      equal(finding?.check, what);
      await run(finding?.fix, folder);
      const text = await readFile(file, "utf8");
      match(text, after);
      ok(text.endsWith(AGENT));
    });
  });
}

processTest("the fix of an import in a project has it resolve", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, "an agent.ts"), `import ms from "ms";\nms(1);\n${AGENT}`);
    await writeFile(join(folder, "deno.json"), '{ "imports": {} }');
    const [finding, ...others] = (await check(folder)).filter(({ check }) => check === "imports");
    equal(others.length, 0);
    await run(finding?.fix, folder);
    deepEqual((await check(folder)).filter(({ check }) => check === "imports"), []);
  });
});

processTest("the fix of an import leads to a package, and the agent is well", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, "an agent.ts"), `import "ms";\n${AGENT}`);
    const [finding] = await check(folder);
    equal(finding?.check, "imports");
    await run(finding?.fix, folder);
    deepEqual(await check(folder), []);
  });
});

/** How a module may be written down, other than with `\n` alone. */
const forms: [what: string, of: (text: string) => string][] = [
  ["", (text) => text],
  [", and line ends of Windows,", (text) => text.replaceAll("\n", "\r\n")],
  [", and a byte order mark,", (text) => `\uFEFF${text}`],
  [", and both,", (text) => `\uFEFF${text.replaceAll("\n", "\r\n")}`],
];
const lines: [what: string, text: string][] = [["a first line", DECLARED], ["none", AGENT]];
const modules = lines.flatMap(([what, text]) =>
  forms.map(([form, of]) => [what + form, text, of] as const)
);
for (const [what, text, written] of modules) {
  processTest(`the fix of permissions of a module with ${what} makes it well`, async () => {
    await inFolder(async (folder) => {
      const uses = 'Deno.env.get("OTHER");\nawait fetch("https://a.example:444/");\n' +
        'Deno.readTextFile("x");\n';
      await writeFile(join(folder, "an agent.ts"), written(`${text}${uses}`));
      const [finding] = await check(folder, { MY_KEY: "x" });
      equal(finding?.check, "permissions");
      await run(finding?.fix, folder);
      deepEqual(await check(folder, { MY_KEY: "x" }), []);
      const bytes = await readFile(join(folder, "an agent.ts"), "utf8");
      const now = bytes.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
      equal(bytes, written(now), "it has the form that it had");
      ok(now.endsWith(`${AGENT}${uses}`), now);
      match(now, /^#!\/usr\/bin\/env -S deno run .*--allow-net=a\.example:444 --allow-read\n/);
    });
  });
}

processTest("the fix of a key, filled in, sets it", async () => {
  await inFolder(async (folder) => {
    const provider = 'import { llmProvider } from "mesh";\n' +
      'export default llmProvider({ name: "a", model: "gemini/gemini-2.5-flash" });\n';
    for (const text of [DECLARED, provider]) {
      await writeFile(join(folder, "an agent.ts"), text);
      const [finding] = await check(folder);
      const environment = await run(`${finding?.fix?.replace("…", "x")}\nenv`, folder);
      const set = Object.entries(parseEnv(environment)).filter(([name]) => name.endsWith("_KEY"));
      deepEqual(await check(folder, Object.fromEntries(set) as Record<string, string>), []);
    }
  });
});

processTest("the fix of a taken port gives it up", async () => {
  await inFolder(async (folder) => {
    const code = "const { addr } = Deno.listen({ hostname: '127.0.0.1', port: 0 });" +
      "console.log(addr.port); await new Promise(() => setInterval(() => {}, 1e6));";
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-config", code],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const port = Number((await reader.read()).value);
    const text = AGENT.replace("tools:", `port: ${port}, tools:`);
    await writeFile(join(folder, "an agent.ts"), text);
    const [finding] = await check(folder);
    equal(finding?.check, "ports");
    await run(finding?.fix, folder);
    equal((await child.status).signal, "SIGTERM");
    await reader.cancel();
    deepEqual(await check(folder), []);
  });
});

processTest("the fix of a home that is a file, or somebody else's, makes it ours", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, "home"), "");
    const [file] = await homeFindings(join(folder, "home"));
    equal(file?.level, "failure");
    await run(file?.fix, folder);
    const home = join(folder, "home", "mesh");
    for (const nearest of [folder, home]) {
      const [closed] = await homeFindings(
        home,
        (path) => Promise.resolve(path === nearest ? "EACCES" : undefined),
      );
      equal(closed?.level, "failure");
      ok(closed?.fix?.endsWith(`/mesh'`), "only the home itself changes hands");
      await run(closed?.fix, folder);
      equal((await homeFindings(home))[0]?.level, "ok");
    }
  });
});

processTest("the fix of a database puts the broken one aside", async () => {
  await inFolder(async (folder) => {
    const kv = join(folder, "registry.kv");
    await writeFile(kv, "this is no database, whatever its name says");
    const finding = await kvFinding(kv, 5_000);
    equal(finding.level, "failure");
    await run(finding.fix, folder);
    equal((await kvFinding(kv, 5_000)).level, "ok");
    match(await readFile(`${kv}.broken`, "utf8"), /no database/);
  });
});

processTest("the fix of a full disk shows what fills it, the largest last", async () => {
  await inFolder(async (folder) => {
    await mkdir(join(folder, "big"));
    await writeFile(join(folder, "big", "file"), "x".repeat(1_000_000));
    await mkdir(join(folder, "small"));
    const shown = await run(diskFinding(1_000, folder).fix, folder);
    match(shown, /small\n[^]*big\n[^]*it's a folder\n$/);
  });
});
