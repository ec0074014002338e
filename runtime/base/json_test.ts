import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { asObject, asString, isObject, memberOf } from "./json.ts";

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
  const [shown] = Deno.inspect(value).split("\n");
  Deno.test(`isObject(${shown}) is ${expected}`, () => {
    strictEqual(isObject(value), expected);
  });

  Deno.test(`asObject(${shown}) is ${expected ? "the value" : "empty"}`, () => {
    if (expected) strictEqual(asObject(value), value);
    else deepStrictEqual(asObject(value), {});
  });

  Deno.test(`asString(${shown}) is ${typeof value === "string" ? "the value" : "undefined"}`, () => {
    strictEqual(asString(value), typeof value === "string" ? value : undefined);
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
