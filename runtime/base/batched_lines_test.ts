/** Lines are written together, in their order, and those that cannot be written are counted. */
import assert from "node:assert/strict";
import { agentLog } from "./log.ts";
import { BatchedLines } from "./batched_lines.ts";

/** A place to write to that can be awaited, and that can be full. */
class Place {
  readonly texts: string[] = [];
  isFull = false;
  #tried = Promise.withResolvers<void>();

  readonly write = (text: string): void => {
    const tried = this.#tried;
    this.#tried = Promise.withResolvers();
    tried.resolve();
    if (this.isFull) throw new Error("No space left on device");
    this.texts.push(text);
  };

  /** Resolves when the next text is written, or fails to be. */
  get tried(): Promise<void> {
    return this.#tried.promise;
  }
}

Deno.test("BatchedLines writes a line at once, and those that follow close together", async () => {
  const place = new Place();
  using lines = new BatchedLines(place.write);
  lines.put("a");
  assert.deepEqual(place.texts, ["a\n"]);
  for (const line of ["b", "c\n  c", "d"]) lines.put(line);
  assert.deepEqual(place.texts, ["a\n"]);
  await place.tried;
  assert.deepEqual(place.texts, ["a\n", "b\nc\n  c\nd\n"]);
});

Deno.test("BatchedLines writes what waits when that is much, and when it is disposed of", () => {
  const place = new Place();
  {
    using lines = new BatchedLines(place.write, { everyMs: 60_000, most: 10 });
    for (const line of ["a", "bbbb", "cccc", "d", "e"]) lines.put(line);
    assert.deepEqual(place.texts, ["a\n", "bbbb\ncccc\n"]);
  }
  assert.deepEqual(place.texts, ["a\n", "bbbb\ncccc\n", "d\ne\n"]);
});

Deno.test("a log on BatchedLines says how many lines are lost, once it can be written again", async () => {
  const place = new Place();
  using lines = new BatchedLines(place.write);
  const log = agentLog("info", (line) => lines.put(line));
  log("info", "one");
  for (let line = 0; line < 5; line++) log("info", "lost");
  place.isFull = true;
  await place.tried;
  // The next one is written at once, or with others: it is lost as well.
  log("info", "lost too");
  lines.flush();
  place.isFull = false;
  log("info", "two");
  lines.flush();
  const said = place.texts.join("").trimEnd().split("\n").map((line) => line.slice(24));
  assert.deepEqual(said, [
    "INFO  one",
    "WARN  6 lines before this could not be written: No space left on device",
    "INFO  two",
  ]);
});

Deno.test("BatchedLines writes lines at once after it is disposed of", () => {
  const place = new Place();
  const lines = new BatchedLines(place.write);
  lines[Symbol.dispose]();
  for (const line of ["a", "b"]) lines.put(line);
  assert.deepEqual(place.texts, ["a\n", "b\n"]);
});
