import { equal } from "node:assert/strict";
import { type End, exitReason, overLimit, saysHeapIsFull } from "./exit_reason.ts";

const MIB = 1024 ** 2;

const ENDS: readonly [text: string, end: Partial<End>][] = [
  ["exited with code 0", { code: 0 }],
  ["exited with code 3", { code: 3, killedFor: "came too late" }],
  ["was ended by SIGSEGV", { signal: "SIGSEGV" }],
  ["was ended by SIGKILL", { signal: "SIGKILL" }],
  ["has kept its thread busy", { signal: "SIGKILL", killedFor: "has kept its thread busy" }],
  ["filled its heap of 768 MiB", { signal: "SIGTRAP", heapIsFull: true }],
  ["exited with code 1", { code: 1, heapIsFull: true }],
];

for (const [text, end] of ENDS) {
  Deno.test(`exitReason() says that a process ${text}, of ${JSON.stringify(end)}`, () => {
    const none = { code: null, signal: null, killedFor: undefined, heapIsFull: false };
    const reason = exitReason({ ...none, heapBytes: 768 * MIB, ...end });
    equal(reason.text, text);
  });
}

Deno.test("overLimit() says more than the limit, however little more it was", () => {
  const text = "used 1,025 MiB, more than its limit of 1,024 MiB";
  equal(overLimit(1024 * MIB + 1, 1024 * MIB), text);
});

Deno.test("saysHeapIsFull() knows V8's line from lines that quote it", () => {
  equal(saysHeapIsFull("# Fatal JavaScript out of memory: Reached heap limit"), true);
  equal(saysHeapIsFull("he said: # Fatal JavaScript out of memory"), false);
});
