import { equal, match } from "node:assert/strict";
import { loadCommands } from "./commands.ts";
import { contextFixture } from "./context_fixture.ts";
import { dispatch } from "./dispatch.ts";

async function run(...args: string[]) {
  const fixture = contextFixture();
  const code = await dispatch(args, fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

Deno.test("dispatch() prints the help on stdout with exit 0", async () => {
  for (const args of [[], ["--help"], ["-h"], ["help"]]) {
    const { code, stdout, stderr } = await run(...args);
    equal(code, 0);
    match(stdout, /start +Start agents/);
    equal(stdout.includes("__registry"), false);
    equal(stderr, "");
  }
});

Deno.test("dispatch() prints a command's help by both forms, from its definition", async () => {
  const byWord = await run("help", "call");
  const byOption = await run("call", "--help");
  equal(byWord.stdout, byOption.stdout);
  match(byWord.stdout, /Usage: meshctl call <\[agent:\]tool\|capability>/);
  match(byWord.stdout, /--timeout SECONDS .*\(default 30\)/);
  match(byWord.stdout, /-H, --header 'NAME: VALUE' .*\(repeatable\)/);
});

Deno.test("dispatch() refuses an unknown command or option with exit 2 and the nearest", async () => {
  const command = await run("lsit");
  equal(command.code, 2);
  match(command.stderr, /unknown command "lsit"\nDid you mean list\?/);
  equal((await run("help", "nothing-like-it")).code, 2);
  const option = await run("--vresion");
  equal(option.code, 2);
  match(option.stderr, /unknown option "--vresion"\nDid you mean --version\?/);
});

Deno.test("every example in the help uses only options its command has", async () => {
  const commands = await loadCommands();
  const all = commands.flatMap((command) => [command, ...command.commands ?? []]);
  for (const { name, options, examples } of all) {
    for (const { line } of examples) {
      equal(`${line} `.startsWith(`${name} `), true, line);
      const used = [...line.matchAll(/(?<=\s)--([a-z-]+)/g)].map(([, option = ""]) => option);
      for (const option of used) equal(option in options, true, `${line}: --${option}`);
    }
  }
});

Deno.test("dispatch() tells a full disk in a sentence, without a stack", async () => {
  const { context, stderr } = contextFixture();
  const full = Object.assign(new Error("No space left on device (os error 28)"), {
    code: "ENOSPC",
  });
  const stdout = {
    ...context.stdout,
    write: () => {
      throw full;
    },
  };
  equal(await dispatch(["help"], { ...context, stdout }), 1);
  equal(
    stderr(),
    "Error: No space left on device (os error 28)\n" +
      "Free some space, or set MCP_MESH_HOME to a folder on another disk.\n",
  );
});
