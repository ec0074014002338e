import { deepEqual, equal, match } from "node:assert/strict";
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contextFixture } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import { readLogLine } from "../machine/log_line.ts";

const LINES = [
  "2026-06-01 10:00:00.000 INFO  old",
  "2026-06-01 11:59:30.000 INFO  new",
  "  more of new",
];

async function withLogs(body: (folder: string, home: string) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "logs-"));
  const folder = join(home, "logs");
  try {
    await mkdir(folder);
    await writeFile(join(folder, "flight-agent.log"), `${LINES.join("\n")}\n`);
    await writeFile(join(folder, "flight-agent.1.log"), "before\n");
    await writeFile(join(folder, "registry.log"), "");
    await body(folder, home);
  } finally {
    await rm(home, { recursive: true });
  }
}

async function logs(home: string, ...args: string[]) {
  const fixture = contextFixture({ env: { MCP_MESH_HOME: home } });
  const code = await dispatch(["logs", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

Deno.test("logs prints the end of a log, by name or its beginning", async () => {
  await withLogs(async (_, home) => {
    const print = async (...args: string[]) => (await logs(home, ...args)).stdout;
    equal(await print("flight-agent"), `${LINES.join("\n")}\n`);
    equal(await print("FLI", "-n", "1"), "  more of new\n");
    equal(await print("flight-agent", "--tail", "0"), `${LINES.join("\n")}\n`);
    equal(await print("flight-agent", "--since", "1m"), `${LINES.slice(1).join("\n")}\n`);
    equal(await print("flight-agent", "--since", "1m", "-n", "1"), "  more of new\n");
    equal(
      await print("flight-agent", "--since", "2026-06-01 11:00:00"),
      `${LINES.slice(1).join("\n")}\n`,
    );
    equal(await print("flight-agent", "-p"), "before\n");
    equal(await print("flight-agent", "-p", "1"), "before\n");
    equal(await print("registry"), "");
  });
});

Deno.test("logs --list shows what there is", async () => {
  await withLogs(async (_, home) => {
    deepEqual((await logs(home, "--list")).stdout.split("\n"), [
      "NAME          BYTES  PREVIOUS",
      "-----------------------------",
      "flight-agent     82         1",
      "registry          0         0",
      "",
    ]);
  });
  equal((await logs("/no/such/home", "--list")).stdout, "No logs found\n");
});

Deno.test("logs refuses what it cannot show", async () => {
  await withLogs(async (_, home) => {
    const rows: [string[], number, RegExp][] = [
      [["flihgt-agent"], 3, /no log of flihgt-agent\nDid you mean flight-agent\?/],
      [[], 2, /needs the name of an agent\n.*--list/],
      [["flight-agent", "-p", "9"], 2, /1 to 4 older logs/],
      [["flight-agent", "-p", "3"], 3, /there is no log .*flight-agent\.3\.log/],
      [["flight-agent", "--since", "x"], 2, /no duration and no time/],
      [["flight-agent", "-f", "-p", "1"], 2, /exclude each other/],
    ];
    for (const [args, code, message] of rows) {
      const result = await logs(home, ...args);
      equal(result.code, code, args.join(" "));
      match(result.stderr, message);
    }
  });
});

Deno.test("logs -f prints what is appended, over a rotation, until interrupted", async () => {
  await withLogs(async (folder, home) => {
    const fixture = contextFixture({ env: { MCP_MESH_HOME: home } });
    const following = dispatch(["logs", "flight-agent", "-f", "-n", "1"], fixture.context);
    await fixture.stdoutEndsWith("  more of new\n");
    await appendFile(join(folder, "flight-agent.log"), "appended\n");
    await fixture.stdoutEndsWith("  more of new\nappended\n");
    await rename(join(folder, "flight-agent.log"), join(folder, "flight-agent.1.log"));
    await writeFile(join(folder, "flight-agent.log"), "new run\n");
    await fixture.stdoutEndsWith("appended\nnew run\n");
    fixture.interrupt();
    equal(await following, 0);
  });
});

Deno.test("logs --json prints a document a line, with its time where it has one", async () => {
  await withLogs(async (_, home) => {
    const { stdout } = await logs(home, "flight", "--json", "-n", "2");
    deepEqual(stdout.trimEnd().split("\n").map((line) => JSON.parse(line)), [
      {
        schema_version: 1,
        log: "flight-agent",
        time: "2026-06-01T11:59:30.000Z",
        level: readLogLine(LINES[1] ?? "").level ?? null,
        trace: null,
        text: LINES[1],
      },
      {
        schema_version: 1,
        log: "flight-agent",
        time: null,
        level: null,
        trace: null,
        text: LINES[2],
      },
    ]);
    const list = JSON.parse((await logs(home, "--list", "--json")).stdout);
    deepEqual(list.logs.map(({ name, older }: { name: string; older: number }) => [name, older]), [
      ["flight-agent", 1],
      ["registry", 0],
    ]);
  });
});

Deno.test("logs puts those of several agents in order, each line with its name", async () => {
  await withLogs(async (folder, home) => {
    const between = "2026-06-01 11:00:00.000 WARN  between";
    const json = JSON.stringify({
      time: "2026-06-01T11:59:59.000Z",
      level: "error",
      agent: "hotel-agent",
      message: "late",
      trace: "0af7651916cd43dd8448eb211c80319c",
    });
    await writeFile(join(folder, "hotel-agent.log"), `${between}\n${json}\n`);
    const print = async (...args: string[]) => (await logs(home, ...args)).stdout.split("\n");
    deepEqual(await print("flight", "hotel"), [
      `flight-agent | ${LINES[0]}`,
      `hotel-agent | ${between}`,
      `flight-agent | ${LINES[1]}`,
      `flight-agent | ${LINES[2]}`,
      json,
      "",
    ]);
    deepEqual(await print("flight", "hotel", "--level", "warn"), [
      `hotel-agent | ${between}`,
      json,
      "",
    ]);
    deepEqual(await print("--trace", "0AF76"), [json, ""]);
    deepEqual(await print("hotel", "--until", "2026-06-01 11:30:00"), [between, ""]);
    // What says that it is another one's stays with whose log it is in.
    const forged = json.replace("hotel-agent", "flight-agent");
    await writeFile(join(folder, "hotel-agent.log"), `${forged}\n`);
    equal((await print("flight", "hotel")).at(-2), `hotel-agent | ${forged}`);
    equal((await logs(home, "--trace", "xyz")).code, 2);
    equal((await logs(home, "hotel", "--level", "loud")).code, 2);
  });
});
