import { equal, match } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { ABSENT } from "./renamed_options.ts";
import { loadCommands } from "./commands.ts";
import { contextFixture } from "./context_fixture.ts";
import { dispatch } from "./dispatch.ts";
import { COMMAND_NAMES } from "./summaries.ts";

async function refused(...args: string[]): Promise<string> {
  const { context, stdout, stderr } = contextFixture();
  equal(await dispatch(args, context), 2, args.join(" "));
  equal(stdout(), "");
  return stderr();
}

Deno.test("an option of the reference that is not there is refused with what there is instead", async () => {
  match(await refused("start", "--tls-auto", "a.ts"), /--tls-auto for start\n.*plain HTTP/);
  match(await refused("start", "--db-path=x"), /MCP_MESH_KV=PATH/);
  match(await refused("call", "hello", "--insecure"), /DENO_CERT=ca\.pem/);
  match(await refused("call", "hello", "--params", "{}"), /name=value/);
  match(await refused("stop", "--all"), /Without names everything is stopped/);
  match(await refused("man", "-j", "health"), /written for Deno/);
});

Deno.test("a command of the reference that is not there is refused with what there is instead", async () => {
  match(await refused("job", "status", "x"), /unknown command "job"\n.*keeps no jobs/);
  match(await refused("entity", "list"), /certificate/);
  match(await refused("version"), /`--version` tells it/);
  match(await refused("help", "start-registry"), /--registry-only -d/);
});

Deno.test("options without effect in the reference have none here and are in no help", async () => {
  const commands = await loadCommands();
  const inert = [
    ["start", "verbose"],
    ["start", "pid-file"],
    ["stop", "keep-ui"],
    ["status", "verbose"],
    ["call", "pretty"],
    ["logs", "timestamps"],
    ["man", "typescript"],
  ];
  for (const [name = "", option = ""] of inert) {
    const options = commands.find((command) => command.name === name)?.options ?? {};
    equal(options[option]?.hidden, true, `${name} --${option}`);
  }
});

Deno.test("what is explained is absent, and in the README", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  for (const word of ABSENT) {
    equal(COMMAND_NAMES.some(({ name }) => name === word), false, word);
    equal(readme.includes(`\`${word}\``), true, `${word} is in no table of cli/README.md`);
  }
});
