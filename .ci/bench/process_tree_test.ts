import assert from "node:assert/strict";
import { usedIn } from "./process_tree.ts";

/** A line of a process, as Linux writes it. */
function stat(pid: number, name: string, parent: number, ticks: number, pages: number): string {
  const between = Array.from({ length: 9 }, () => 0).join(" ");
  return `${pid} (${name}) S ${parent} ${between} ${ticks} ${ticks} 0 0 0 0 1 0 77 4096 ${pages} 0`;
}

const STATS = [
  stat(1, "init", 0, 9_000, 100),
  stat(10, "deno", 1, 50, 10),
  stat(11, "deno :) worse", 10, 100, 20),
  stat(12, "sh", 11, 25, 1),
  stat(20, "deno", 1, 700, 70),
].join("\n");

Deno.test("usedIn() adds up a process and all below it", () => {
  assert.deepEqual(usedIn(`${STATS}\n`, 10), {
    cpuSeconds: 3.5,
    memoryBytes: 31 * 4096,
    ownMemoryBytes: 10 * 4096,
  });
  assert.deepEqual(usedIn(STATS, 20), {
    cpuSeconds: 14,
    memoryBytes: 70 * 4096,
    ownMemoryBytes: 70 * 4096,
  });
});

Deno.test("usedIn() knows nothing of a process that is not there", () => {
  assert.equal(usedIn(STATS, 30), undefined);
  assert.equal(usedIn("", 30), undefined);
});
