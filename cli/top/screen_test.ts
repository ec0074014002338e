import { deepEqual } from "node:assert/strict";
import { createOutput } from "../output/output.ts";
import { openScreen } from "./screen.ts";

/** What a screen of so many rows shows of these lines, and what it does to the terminal. */
function drawn(rows: number, lines: string[]): string[] {
  const written: string[] = [];
  const sink = (text: string) => void written.push(text);
  const output = createOutput({ sink, colours: false, columns: () => undefined });
  {
    using screen = openScreen(output, () => rows);
    screen.draw(lines);
  }
  return written;
}

Deno.test("openScreen() takes the terminal over without continued lines, and gives it back", () => {
  deepEqual(drawn(4, ["a", "b"]), [
    "\x1b[?1049h\x1b[?25l\x1b[?7l",
    "\x1b[Ha\x1b[K\r\nb\x1b[K\r\n\x1b[J",
    "\x1b[?7h\x1b[?25h\x1b[?1049l",
  ]);
});

Deno.test("openScreen() shows what a line would do to the terminal", () => {
  deepEqual(drawn(4, ["a\x1b[2J\nb"])[1], "\x1b[Ha\\x1b[2J\\x0ab\x1b[K\r\n\x1b[J");
});

Deno.test("openScreen() shows as many lines as there are rows, and counts the others", () => {
  const shown = (rows: number) => drawn(rows, ["a", "b", "c", "d"])[1]?.split("\x1b[K\r\n");
  deepEqual(shown(5), ["\x1b[Ha", "b", "c", "d", "\x1b[J"]);
  deepEqual(shown(4), ["\x1b[Ha", "b", "… and 2 more", "\x1b[J"]);
});
