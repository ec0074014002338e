import { deepEqual, equal } from "node:assert/strict";
import { loadCommands } from "./commands.ts";
import { commandHelp, overallHelp } from "./help.ts";

Deno.test("help keeps to the width of the terminal, but for lines to copy", async () => {
  const commands = await loadCommands();
  const all = commands.flatMap((command) => [command, ...command.commands ?? []]);
  for (const columns of [40, 60, 80]) {
    const place = { program: "meshctl", columns };
    const texts = [overallHelp(commands, place), ...all.map((each) => commandHelp(each, place))];
    for (const line of texts.flatMap((text) => text.split("\n"))) {
      const copied = /^ {2}meshctl |^ {2}.{4}--|^ {2}-\w, --|^Usage:/.test(line);
      equal(copied || line.length <= columns, true, `${columns}: ${line}`);
    }
  }
});

Deno.test("help puts the meaning of an option beside it, and below where there is no room", () => {
  const command = {
    name: "x",
    summary: "Do x",
    usage: "",
    details: "One two three four five six\nseven eight.\n\nWords:\n  a  is one and\n     is short",
    positionals: { min: 0, max: 0 },
    options: { long: { type: "boolean" as const, help: "Make it as long as somebody can read" } },
    examples: [],
  };
  const lines = (columns?: number) => commandHelp(command, { program: "m", columns }).split("\n");
  deepEqual(lines().slice(4, 13), [
    "One two three four five six",
    "seven eight.",
    "",
    "Words:",
    "  a  is one and",
    "     is short",
    "",
    "Options:",
    "      --long  Make it as long as somebody can read",
  ]);
  deepEqual(
    lines(45).slice(7).find((line) => line.includes("--long")),
    "      --long  Make it as long as somebody can",
  );
  deepEqual(lines(24).slice(4, 15), [
    "One two three four five",
    "six seven eight.",
    "",
    "Words:",
    "  a  is one and is short",
    "",
    "Options:",
    "      --long",
    "        Make it as long",
    "        as somebody can",
    "        read",
  ]);
});
