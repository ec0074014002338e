import { deepEqual, throws } from "node:assert/strict";
import { readShellLine } from "./shell_line.ts";

Deno.test("readShellLine() takes what it does not know for a call", () => {
  const rows: [string, unknown][] = [
    ["  ", { kind: "nothing" }],
    ["# a note", { kind: "nothing" }],
    ["quit", { kind: "exit" }],
    ["help", { kind: "help" }],
    ["greet name='Ada L'", { kind: "command", name: "call", args: ["greet", "name=Ada L"] }],
    ["call list x=1", { kind: "command", name: "call", args: ["list", "x=1"] }],
    ["list", { kind: "command", name: "list", args: ["--tools"] }],
    ["list --all", { kind: "command", name: "list", args: ["--all"] }],
    ["describe greet", { kind: "command", name: "list", args: ["--tools=greet"] }],
    ["status gre", { kind: "command", name: "status", args: ["gre"] }],
  ];
  for (const [line, meaning] of rows) deepEqual(readShellLine(line), meaning, line);
  throws(() => readShellLine("greet 'Ada"), { code: 2, message: /quote is not closed/ });
  throws(() => readShellLine("describe"), { code: 2 });
});
