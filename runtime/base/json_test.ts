import { strictEqual } from "node:assert/strict";
import { isObject, memberOf } from "./json.ts";

const CASES: [value: unknown, isObject: boolean][] = [
  [{}, true],
  [{ length: 0 }, true],
  [Object.create(null), true],
  [new Error("an instance"), true],
  [null, false],
  [undefined, false],
  [[], false],
  ["{}", false],
  [7, false],
  [() => {}, false],
];
for (const [value, expected] of CASES) {
  Deno.test(`isObject(${Deno.inspect(value).split("\n")[0]}) is ${expected}`, () => {
    strictEqual(isObject(value), expected);
  });
}

const MEMBERS: [value: unknown, name: string, member: unknown][] = [
  [{ port: 1 }, "port", 1],
  [{ port: 1 }, "name", undefined],
  [{}, "constructor", undefined],
  [["a"], "0", undefined],
  ["text", "length", undefined],
  [null, "port", undefined],
];
for (const [value, name, member] of MEMBERS) {
  Deno.test(`memberOf(${JSON.stringify(value)}, "${name}") is ${member}`, () => {
    strictEqual(memberOf(value, name), member);
  });
}
