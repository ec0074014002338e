import { equal } from "node:assert/strict";
import { createOutput } from "./output.ts";

function outputTo(written: string[], colours: boolean) {
  return createOutput({ sink: (text) => written.push(text), colours, columns: () => 80 });
}

Deno.test("createOutput() shows what a terminal would take for commands, and writes data as it is", () => {
  const written: string[] = [];
  const output = outputTo(written, false);
  output.write("ours\n\x1b[2Jtheirs\r\n");
  output.lines(["ours", "theirs\nforged \x1b]0;t\x07", ""]);
  output.lines([]);
  output.raw("\x1b[H\n");
  equal(
    written.join(""),
    "ours\n\\x1b[2Jtheirs\\x0d\nours\ntheirs\\x0aforged \\x1b]0;t\\x07\n\n\x1b[H\n",
  );
});

Deno.test("createOutput() lets its own colours through, and nobody else's", () => {
  const written: string[] = [];
  const output = outputTo(written, true);
  const hostile = "\x1b[31mred\x1b[0m \x1b[31;1234;5678;9012;3456;7890;1234mkeyed";
  output.lines([`${output.palette.paint("green", `ok ${hostile}`)} ${hostile}`]);
  equal(
    written.join(""),
    `\x1b[32mok ${hostile.replaceAll("\x1b", "\\x1b")}\x1b[0m ${
      hostile.replaceAll("\x1b", "\\x1b")
    }\n`,
  );
  const other = outputTo([], true);
  equal(output.shown(other.palette.paint("red", "x")).includes("\x1b"), false);
});
