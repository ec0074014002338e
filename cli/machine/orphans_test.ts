import { deepEqual } from "node:assert/strict";
import { parseCommandLines } from "./orphans.ts";

Deno.test("parseCommandLines() keeps the words of each process, empty ones and lines in them too", () => {
  const text = "/proc/7/cmdline:deno\0/proc/7/cmdline:\0/proc/7/cmdline:a\nb\0" +
    "/proc/41/cmdline:sh\0";
  deepEqual([...parseCommandLines(text)], [[7, ["deno", "", "a\nb"]], [41, ["sh"]]]);
});

Deno.test("parseCommandLines() has nothing to say of processes that are gone", () => {
  deepEqual(parseCommandLines("").size, 0);
});
