import { deepEqual, equal } from "node:assert/strict";
import type { Command } from "../app/command.ts";
import { loadCommands } from "../app/commands.ts";
import { wantedAt } from "./wanted.ts";

const leaf = (name: string, rest: Partial<Command> = {}): Command => ({
  name,
  summary: `does ${name}`,
  usage: "",
  positionals: { min: 0, max: 1 },
  options: {},
  examples: [],
  execute: () => Promise.resolve(0),
  ...rest,
});
const COMMANDS = [
  leaf("call", {
    positionals: { min: 1, max: Infinity },
    completes: ["tools", []],
    options: {
      file: { type: "string", value: "PATH", help: "a file" },
      tags: { type: "list", value: "TAG", help: "tags" },
      vendor: { type: "string", short: "v", value: "VENDOR", completes: ["a", "b"], help: "who" },
      tools: { type: "optional", value: "TOOL", completes: "tools", help: "tools" },
      json: { type: "boolean", help: "JSON" },
      old: { type: "boolean", hidden: true, help: "old" },
    },
  }),
  leaf("start", { positionals: { min: 0, max: Infinity }, completes: ["files"] }),
  leaf("registry", { commands: [leaf("registry drain"), leaf("registry status")] }),
];
const wantedOf = (words: readonly string[], commands: readonly Command[] = COMMANDS) =>
  wantedAt(words, commands, (name) => Promise.resolve(commands.find((each) => each.name === name)));

const LINES: [line: string[], words: string[], source?: unknown, before?: string][] = [
  [[""], ["call", "start", "registry", "help", "--help", "--version"]],
  [["help", ""], ["call", "start", "registry"]],
  [["registry", ""], ["drain", "status"]],
  [["help", "registry", ""], ["drain", "status"]],
  [["registry", "drain", ""], []],
  [["nothing", ""], []],
  [["call", ""], [], "tools"],
  [["call", "x", ""], []],
  [["call", "--"], ["--file", "--tags", "--vendor", "--tools", "--json", "--help"]],
  [["call", "--json", "--tags", "x", "--"], [
    "--file",
    "--tags",
    "--vendor",
    "--tools",
    "--help",
  ]],
  [["call", "--file", ""], [], "files"],
  [["call", "--vendor", ""], ["a", "b"]],
  [["call", "-v", ""], ["a", "b"]],
  [["call", "--vendor=", ""], [], "tools"],
  [["call", "--vendor="], ["--vendor=a", "--vendor=b"]],
  [["call", "--tools="], [], "tools", "--tools="],
  [["call", "--tools", ""], [], "tools"],
  [["call", "--", "-"], [], "tools"],
  [["start", "a", "b", ""], [], "files"],
];

for (const [line, words, source, before = ""] of LINES) {
  Deno.test(`wantedAt() ${line.join(" ")}|`, async () => {
    const wanted = await wantedOf(line);
    deepEqual(wanted.words.map(({ value }) => value), words);
    deepEqual([wanted.source, wanted.before], [source, before]);
  });
}

Deno.test("wantedAt() remembers the registry that the line names", async () => {
  const { given } = await wantedOf(["call", "--registry-url=http://x", "--file", "y", ""]);
  deepEqual([...given], [["registry-url", "http://x"], ["file", "y"]]);
});

Deno.test("every option that names a path completes paths", async () => {
  const commands = await loadCommands();
  for (const { name, options } of commands.flatMap((each) => each.commands ?? [each])) {
    for (const [option, definition] of Object.entries(options)) {
      if (definition.type !== "string" || !/PATH|FILE|FOLDER/.test(definition.value)) continue;
      const wanted = await wantedOf([...name.split(" "), `--${option}`, ""], commands);
      equal(wanted.source, "files", `${name} --${option}`);
    }
  }
});
