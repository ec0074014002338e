import { deepEqual, equal, match, throws } from "node:assert/strict";
import { defineCommand } from "./command.ts";
import { defineCommandGroup, subcommand } from "./command_group.ts";
import { contextFixture } from "./context_fixture.ts";
import { CliError, EXIT } from "../base/exit.ts";

const group = defineCommandGroup({
  name: "door",
  summary: "Open and close",
  commands: [
    defineCommand({
      name: "door open",
      summary: "Open it",
      usage: "[how]",
      positionals: { min: 0, max: 1 },
      options: { wide: { type: "boolean", help: "As far as it goes" } },
      examples: [],
      run: ({ stdout }, { options, positionals }) => {
        stdout.write(JSON.stringify([options, positionals]));
        return Promise.resolve(EXIT.ok);
      },
    }),
  ],
});

async function run(...args: string[]) {
  const fixture = contextFixture();
  const code = await group.execute(fixture.context, args);
  return { code, stdout: fixture.stdout() };
}

Deno.test("a group hands the rest of the line to the command its first word names", async () => {
  deepEqual(await run("open", "slowly", "--wide"), {
    code: 0,
    stdout: '[{"wide":true},["slowly"]]',
  });
});

Deno.test("a group alone lists its commands, and each has its own help", async () => {
  for (const args of [[], ["--help"], ["-h"]]) {
    const { code, stdout } = await run(...args);
    equal(code, 0);
    match(stdout, /Usage: meshctl door <command>[^]*door open +Open it/);
  }
  match((await run("open", "--help")).stdout, /^Usage: meshctl door open \[how\]$/m);
});

Deno.test("a group refuses words and options it does not know, with exit 2", async () => {
  const rows: [string, RegExp, RegExp][] = [
    ["opne", /unknown command "opne" of door/, /Did you mean open\?\nRun `meshctl help door`/],
    ["--wide", /unknown option "--wide" of door/, /help door/],
  ];
  for (const [word, message, hint] of rows) {
    const error = await run(word).then(() => undefined, (error: unknown) => error);
    if (!(error instanceof CliError)) throw error;
    equal(error.code, 2);
    match(error.message, message);
    match(error.hint ?? "", hint);
  }
});

Deno.test("subcommand() says so when a command has none", () => {
  const [leaf] = group.commands ?? [];
  if (leaf === undefined) throw new Error("the group lost its command");
  throws(
    () => subcommand(leaf, "wide", "meshctl"),
    /door open has no commands of its own, and "wide" follows it/,
  );
});
