import { strictEqual } from "node:assert/strict";
import { MESH_NAME } from "./mesh_name.ts";

const NAMES: [name: string, isName: boolean][] = [
  ["a", true],
  ["7", true],
  ["weather-agent", true],
  ["a--b", true],
  ["", false],
  ["-a", false],
  ["a-", false],
  ["-", false],
  ["Weather", false],
  ["a_b", false],
  ["a.b", false],
  ["wetter-süd", false],
  ["a b", false],
  ["a\n", false],
];
for (const [name, isName] of NAMES) {
  Deno.test(`${JSON.stringify(name)} is ${isName ? "a" : "not a"} name in a mesh`, () => {
    strictEqual(MESH_NAME.test(name), isName);
  });
}
