/** Text of registries, agents and logs does nothing to a terminal, and forges no line. */
import { deepEqual, match, ok } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HOSTILE, serveHostile } from "./hostile_registry_fixture.ts";
import { type TestMesh, withMesh } from "./meshctl.ts";

/** What a terminal takes for commands, and what turns letters around. */
const COMMANDS =
  // deno-lint-ignore no-control-regex -- these are what is meant
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** Where an output is not for people's eyes: a command, a forged line. */
function faultsIn(said: string): string[] {
  return said.split("\n").filter((line) =>
    COMMANDS.test(line) || /^(forged|Error forged)/.test(line)
  )
    .map((line) => JSON.stringify(line));
}

/** Every command that shows what a registry or an agent says. */
const LINES: (string | string[])[] = [
  "list",
  "list --all --verbose",
  "list -o wide",
  "list -o name",
  "list --tools",
  "list --tools --all",
  ["list", "--all", `--tools=${HOSTILE}`],
  "list --services --all",
  "list --schemas",
  "list --filter nobody",
  "status",
  "status evil",
  "status evil -o wide",
  "status -o name",
  "status nobody",
  "why evil",
  "why evil -o wide",
  "why evil nothing",
  "audit evil",
  "audit evil --explain",
  "audit evil --dep 0",
  "events",
  "events --agent evil",
  "events --agent nobody",
  "trace 4bf92f3577b34da6a3ce929d0e0e4736",
  "trace --last",
  "trace ls",
  "trace 0000",
  "top --once --interval 0.1",
  "doctor",
  "schema diff ab cd",
  "registry status",
  "registry drain",
  ["call", HOSTILE, "{}"],
  ["call", HOSTILE, '{"kind":"error"}'],
  ["call", HOSTILE, '{"kind":"failure"}'],
  ["call", HOSTILE, '{"kind":"failure"}', "-o", "value"],
  ["call", HOSTILE, "x=1"],
  ["call", HOSTILE, "{}", "--trace=tree"],
  ["call", HOSTILE, "{}", "-n", "2"],
  ["call", "nothing", "{}"],
  "__complete -- call ev",
  "__complete -- status ev",
  "__complete -- trace 4",
  "nonsense\u001b[2J",
];

const DOCUMENTS: (string | string[])[] = [
  "list --json --all",
  "list --tools --all --json",
  ["list", `--tools=${HOSTILE}`, "--json"],
  "status --json",
  "why evil --json",
  "audit evil --json",
  "trace --last --json",
  "trace ls --json",
  "top --once --interval 0.1 --json",
  ["call", HOSTILE, "{}", "-o", "envelope"],
  ["call", HOSTILE, '{"kind":"failure"}', "--json"],
];

function words(line: string | string[]): string[] {
  return typeof line === "string" ? line.split(" ") : line;
}

Deno.test("no command lets a registry's text do anything to the terminal, or forge a line", async () => {
  await using registry = serveHostile();
  await withMesh(async (mesh) => {
    const faults: Record<string, string[]> = {};
    let shown = 0;
    for (const line of LINES) {
      const { stdout, stderr } = await mesh.run(...words(line));
      const found = faultsIn(stdout + stderr);
      if (found.length > 0) faults[words(line).join(" ")] = found;
      if (/evil\\x1b\]0;title/.test(stdout + stderr)) shown += 1;
    }
    deepEqual(faults, {});
    // The walk went where hostile text is.
    ok(shown > LINES.length / 2, `${shown} of ${LINES.length} showed it`);

    for (const line of DOCUMENTS) {
      const { stdout, stderr } = await mesh.run(...words(line));
      deepEqual(faultsIn(stdout + stderr), [], words(line).join(" "));
      const document = JSON.stringify(JSON.parse(stdout || "null"));
      ok(document.includes(JSON.stringify(HOSTILE).slice(1, -1)), words(line).join(" ") + stderr);
    }

    const shell = await mesh.runInto("cat", "shell");
    deepEqual(faultsIn(shell.stdout), []);
  }, { MCP_MESH_REGISTRY_URL: `http://127.0.0.1:${registry.addr.port}` });
});

const AGENT = `#!/usr/bin/env -S deno run
import { agent, tool } from "mesh";
import { z } from "zod";
const hostile = ${JSON.stringify(HOSTILE)};
export default agent({
  name: "noisy",
  tools: {
    noise: tool({ input: z.object({}) }, (_, { log }) => {
      console.log(hostile);
      log.warn(hostile, { field: hostile });
      Deno.stdout.writeSync(new TextEncoder().encode("raw " + hostile + "\\n"));
      Deno.stderr.writeSync(new TextEncoder().encode("raw " + hostile + "\\n"));
      try {
        Deno.readTextFileSync("/" + hostile);
      } catch {
        // It is what "permissions" tells of.
      }
      throw new Error(hostile);
    }),
  },
});
`;

async function noise(mesh: TestMesh): Promise<void> {
  deepEqual((await mesh.run("call", "noise", "-o", "value")).code, 5);
}

for (const options of [[], ["--json-logs"]]) {
  Deno.test(`an agent's output does nothing to the terminal ${options.join()}`, async () => {
    await withMesh(async (mesh) => {
      const folder = join(mesh.home, "agents-of-a-test");
      await mkdir(folder);
      await writeFile(join(folder, "noisy.ts"), AGENT);
      const started = mesh.spawn("start", ...options, join(folder, "noisy.ts"));
      await started.line("Try, in another terminal");
      await noise(mesh);
      await started.line("noise failed");
      started.signal("SIGINT");
      const { stdout, stderr } = await started.ended;
      // The output of the code's process is a line of the log like any other.
      match(stderr, /raw evil\\{1,2}x1b\]0;title/);
      // What an agent writes by itself cannot be told from lines of its own.
      const ours = (stdout + stderr).split("\n").filter((line) => !/^noisy \| /.test(line));
      deepEqual(faultsIn(ours.join("\n")), []);
      deepEqual(
        faultsIn(stdout.replaceAll("noisy | ", "")).filter((line) =>
          COMMANDS.test(JSON.parse(line))
        ),
        [],
      );

      const again = await mesh.run("start", "-d", ...options, join(folder, "noisy.ts"));
      deepEqual(again.code, 0, again.stderr);
      await noise(mesh);
      for (const line of ["logs noisy", "logs noisy registry", "permissions", "status noisy"]) {
        const said = await mesh.run(...line.split(" "));
        deepEqual(
          faultsIn(said.stdout + said.stderr).filter((line) => COMMANDS.test(JSON.parse(line))),
          [],
          line,
        );
      }
      const logs = await mesh.run("logs", "noisy", "--json");
      for (const line of logs.stdout.trim().split("\n")) JSON.parse(line);
    });
  });
}
