import assert from "node:assert/strict";
import { lossText, lossyWriter } from "./lossy_writer.ts";

Deno.test("lossyWriter() drops what cannot be written, and says so once it can", () => {
  const lines: string[] = [];
  let isFull = false;
  const write = lossyWriter((line) => {
    if (isFull) throw new Error("No space left on device");
    lines.push(line);
  }, lossText);
  write("one");
  isFull = true;
  for (const line of ["two", "three"]) write(line);
  isFull = false;
  for (const line of ["four", "five"]) write(line);
  isFull = true;
  write("six");
  isFull = false;
  write("seven");
  assert.deepEqual(lines, [
    "one",
    "2 lines before this could not be written: No space left on device",
    "four",
    "five",
    "1 line before this could not be written: No space left on device",
    "seven",
  ]);
});

Deno.test("lossyWriter() counts a line that is lost after its note as well", () => {
  const lines: string[] = [];
  let room = 0;
  const write = lossyWriter((line) => {
    if (room-- <= 0) throw new Error("full");
    lines.push(line);
  }, lossText);
  write("one");
  room = 1;
  write("two");
  room = 2;
  write("three");
  assert.deepEqual(lines, [lossText(1, "full"), lossText(1, "full"), "three"]);
});
