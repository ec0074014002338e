import { deepEqual, equal, match, throws } from "node:assert/strict";
import { parseArguments } from "./arguments.ts";
import { CliError } from "../base/exit.ts";

const command = {
  name: "demo",
  summary: "",
  usage: "<tool> [json]",
  positionals: { min: 1, max: 2 },
  examples: [],
  options: {
    detach: { type: "boolean", short: "d", help: "" },
    "use-proxy": { type: "boolean", default: true, help: "" },
    "registry-url": { type: "string", value: "URL", help: "" },
    header: { type: "list", short: "H", value: "H", help: "" },
    timeout: { type: "number", value: "S", default: 30, help: "" },
    previous: { type: "number", short: "p", value: "N", bare: 1, help: "" },
    tools: { type: "optional", short: "t", value: "TOOL", help: "" },
  } as const,
};

const parse = (...args: string[]) => parseArguments(command, args, "meshctl");

Deno.test("parseArguments() fills defaults", () => {
  deepEqual(parse("x"), {
    options: {
      detach: false,
      "use-proxy": true,
      "registry-url": undefined,
      header: [],
      timeout: 30,
      previous: undefined,
      tools: undefined,
    },
    positionals: ["x"],
    help: false,
  });
});

Deno.test("parseArguments() takes options after positionals, in every form", () => {
  const { options, positionals } = parse(
    "tool",
    '{"a":1}',
    "-d",
    "--use-proxy=false",
    "--registry-url",
    "http://h:1",
    "-H",
    "a: b",
    "--header=c: d",
    "--timeout=2.5",
    "--tools=x",
    "-p",
  );
  deepEqual(positionals, ["tool", '{"a":1}']);
  deepEqual(options, {
    detach: true,
    "use-proxy": false,
    "registry-url": "http://h:1",
    header: ["a: b", "c: d"],
    timeout: 2.5,
    previous: 1,
    tools: "x",
  });
});

Deno.test("parseArguments() does not take a word after --tools for its value", () => {
  const { options, positionals } = parse("--tools", "echo");
  equal(options.tools, true);
  deepEqual(positionals, ["echo"]);
});

Deno.test("parseArguments() reads nothing after -- as an option", () => {
  deepEqual(parse("--", "-d", "--nope").positionals, ["-d", "--nope"]);
});

Deno.test("parseArguments() notices --help without wanting positionals", () => {
  equal(parse("--help").help, true);
  equal(parse("-h").help, true);
});

Deno.test("parseArguments() refuses what it does not know, with exit 2 and what to do", () => {
  const rows: [string[], RegExp, RegExp][] = [
    [["x", "--detahc"], /unknown option --detahc for demo/, /Did you mean --detach\?/],
    [["x", "-z"], /unknown option -z/, /meshctl help demo/],
    [["x", "--registry-url"], /--registry-url needs a value \(URL\)/, /help demo/],
    [["x", "--registry-url", "--detach"], /needs a value \(URL\), and --detach follows it/, /help/],
    [["x", "--timeout", "soon"], /--timeout takes a number.*"soon"/, /help/],
    [["x", "--timeout", "-5"], /not negative, not "-5"/, /help/],
    [["x", "--timeout="], /not ""/, /help/],
    [["x", "--detach=maybe"], /true or false, not "maybe"/, /help/],
    [["x", "--toString"], /unknown option --toString/, /help/],
    [[], /demo needs <tool> \[json\]/, /help/],
    [["a", "b", "c d"], /does not know what to do with "c d"/, /help/],
  ];
  for (const [args, message, hint] of rows) {
    throws(() => parse(...args), (error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      equal(error.code, 2);
      match(error.message, message);
      match(error.hint ?? "", hint);
      return true;
    });
  }
});
