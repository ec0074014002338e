import assert from "node:assert/strict";
import { repeats } from "../../.ci/fixtures/repeats.ts";
import { Buffer } from "node:buffer";
import vm from "node:vm";
import fc from "fast-check";
import { isPlain, jsonForm, jsonText } from "./json_form.ts";

const OF = { code: "bad_output", what: "the result" } as const;

class Point {
  #secret = 1;
  constructor(readonly x: number) {}
  get sum() {
    return this.x + this.#secret;
  }
}
class Empty {}
class Money {
  toJSON() {
    return { amount: 1 };
  }
}
class Lying {
  toJSON() {
    return new Map();
  }
}
class Table extends Map {
  rows = 1;
}

const bytes = new Uint8Array([1, 2, 255]);
const itself: Record<string, unknown> = { a: [] };
itself["b"] = { c: itself };
const twice = { n: 1 };

const held: [what: string, value: unknown, json: string][] = [
  ["nothing", undefined, "null"],
  ["plain data", { a: [1, "b", true, null, { c: [] }] }, '{"a":[1,"b",true,null,{"c":[]}]}'],
  ["a member that is undefined", { a: undefined, b: 1 }, '{"b":1}'],
  ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  ["an object of another realm", vm.runInNewContext("({ a: {} })"), '{"a":{}}'],
  ["a Date", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  ["a URL", new URL("http://a/"), '"http://a/"'],
  ["a class with toJSON()", [new Money()], '[{"amount":1}]'],
  ["a class with fields", { at: new Point(1) }, '{"at":{"x":1}}'],
  ["values in boxes", [Object("a"), Object(1), Object(false)], '["a",1,false]'],
  ["the match of a regular expression", "ab".match(/a(b)/), '["ab","b"]'],
  ["an object that is there twice", [twice, { twice }], '[{"n":1},{"twice":{"n":1}}]'],
  ["bytes", bytes, '"AQL/"'],
  ["bytes in a value", { a: [bytes] }, '{"a":["AQL/"]}'],
  ["a Buffer", [Buffer.from(bytes)], '["AQL/"]'],
  ["an ArrayBuffer", { a: bytes.buffer }, '{"a":"AQL/"}'],
];
for (const [what, value, json] of held) {
  Deno.test(`jsonText() writes ${what}`, () => {
    assert.equal(jsonText(value, OF), json);
    assert.deepEqual(JSON.parse(JSON.stringify(jsonForm(value, OF))), JSON.parse(json));
  });
}

const refused: [what: string, value: unknown, says: string][] = [
  ["a Map", new Map(), "it is a Map; make it an object, or a list of its entries"],
  [
    "a Map deep inside",
    { items: [1, { "a b": { when: new Map() } }] },
    'items[1]["a b"].when is a Map',
  ],
  ["a subclass of Map with fields", [new Table()], "[0] is a Map;"],
  ["a Set", { tags: new Set(["a"]) }, "tags is a Set; make it a list"],
  ["a WeakMap", new WeakMap(), "it is a WeakMap without any field"],
  ["a function", () => 1, "it is a function"],
  ["a function as a member", { a: 1, f() {} }, "f is a function; give data instead"],
  ["a class", [Point], "[0] is a function"],
  ["a symbol", { s: Symbol("s") }, "s is a symbol"],
  ["a BigInt", { n: 1n }, "n is a BigInt; make it a number or a text"],
  ["NaN", [NaN], "[0] is NaN; use null or a text"],
  ["Infinity", { a: { b: Infinity } }, "a.b is Infinity"],
  ["-Infinity", -Infinity, "it is -Infinity"],
  ["NaN in a box", [Object(NaN)], "[0] is NaN"],
  ["undefined in a list", { a: [1, undefined] }, "a[1] is undefined, which lists cannot hold"],
  // deno-lint-ignore no-sparse-arrays
  ["a hole in a list", [1, , 2], "[1] is undefined"],
  ["itself", itself, "b.c is in itself"],
  ["an invalid Date", { at: new Date(NaN) }, "at is an invalid Date"],
  ["a promise", { later: Promise.resolve(1) }, "later is a Promise; await it"],
  ["an error", { reason: new TypeError("x") }, "reason is a TypeError; take its message"],
  ["an error with a field", [Object.assign(new Error("x"), { code: 1 })], "[0] is an Error"],
  ["a regular expression", { at: /a/ }, "at is a RegExp; take its source"],
  ["an empty class", { at: new Empty() }, "at is an Empty without any field that JSON could hold"],
  ["a class whose toJSON() has none", [new Lying()], "[0] is a Map"],
  ["numbers of a size", { a: new Float32Array(2) }, "a is a Float32Array; make it a list"],
  ["a view of bytes", new DataView(new ArrayBuffer(1)), "it is a DataView"],
  ["shared memory", new SharedArrayBuffer(1), "it is a SharedArrayBuffer; copy it to a Uint8Array"],
  ["headers", { headers: new Headers({ a: "b" }) }, "headers is a Headers without any field"],
  ["a generator", (function* () {})(), "it is a Generator without any field"],
  ["an iterator", { keys: new Map().keys() }, "keys is a Map Iterator without any field"],
  ["what throws when it is read", {
    ok: 1,
    get bad() {
      throw new Error("not now");
    },
  }, "not now"],
];
for (const [what, value, says] of refused) {
  Deno.test(`jsonText() refuses ${what}`, () => {
    assert.equal(isPlain(value), false);
    assert.throws(
      () => jsonText(value, OF),
      ({ code, message }) => {
        assert.equal(code, "bad_output");
        assert.ok(message.startsWith("the result has no JSON form: "), message);
        assert.ok(message.includes(says), message);
        return true;
      },
    );
    assert.throws(() => jsonForm(value, OF), { code: "bad_output" });
  });
}

function nested(depth: number, wrap: (value: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}

const wraps: [what: string, wrap: (value: unknown) => unknown][] = [
  ["lists", (value) => [value]],
  ["objects", (next) => ({ next })],
  ["what has a toJSON()", (next) => ({ toJSON: () => ({ next }) })],
];
for (const [what, wrap] of wraps) {
  Deno.test(`jsonText() takes 192 levels of ${what}, and no more`, () => {
    const text = jsonText(nested(192, wrap), OF) as string;
    assert.equal(depthOf(JSON.parse(text)), 192);
    for (const depth of [193, 5_000, 100_000]) {
      const deep = nested(depth, wrap);
      assert.equal(isPlain(deep), false);
      for (const isOnlyJson of [false, true]) {
        assert.throws(() => jsonText(deep, OF, isOnlyJson), {
          code: "bad_output",
          message: /^the result has no JSON form: .{1,250} is nested deeper than 192 levels$/,
        });
      }
    }
  });
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

const MIB = 1024 * 1024;
const long: [what: string, value: () => unknown, mayBeOnlyJson?: false][] = [
  ["a text", () => "x".repeat(32 * MIB)],
  ["a text that is long once it is written", () => "\0".repeat(6 * MIB)],
  ["a list", () => Array(20 * MIB).fill(1)],
  ["an object's text", () => ({ a: { b: "x".repeat(33 * MIB) } })],
  ["a key", () => ({ ["x".repeat(33 * MIB)]: 1 })],
  ["a text within something else", () => ({ at: new Date(0), b: "x".repeat(33 * MIB) }), false],
  ["bytes", () => new Uint8Array(25 * MIB), false],
  ["more than a text can be", () => Array(5).fill("x".repeat(150 * MIB))],
  [
    "much more of something else",
    () => [new Date(0), ...Array(5).fill("x".repeat(150 * MIB))],
    false,
  ],
];
for (const [what, value, mayBeOnlyJson = true] of long) {
  Deno.test(`jsonText() refuses ${what} that is too long`, () => {
    for (const isOnlyJson of mayBeOnlyJson ? [false, true] : [false]) {
      assert.throws(() => jsonText(value(), OF, isOnlyJson), {
        code: "bad_output",
        message: /^the result is longer than 33554432 characters/,
      });
    }
  });
}

Deno.test("jsonText() takes 32 Mi characters", () => {
  const text = jsonText("x".repeat(32 * MIB - 2), OF) as string;
  assert.equal(text.length, 32 * MIB);
});

Deno.test("jsonText() names the place of what cannot be read, in a line that can be", () => {
  let deep: unknown = new Map();
  for (let depth = 0; depth < 100_000; depth++) deep = { next: deep };
  assert.throws(() => jsonText(deep, OF), ({ message }) => message.length < 400);
});

Deno.test("jsonText() reads Blobs", async () => {
  const blob = new Blob([bytes], { type: "image/png" });
  assert.equal(await jsonText({ a: blob, b: [blob, 1] }, OF), '{"a":"AQL/","b":["AQL/",1]}');
  assert.deepEqual(await jsonForm([blob], OF), ["AQL/"]);
});

/** Whether JSON gave a value back, but for members that were undefined. */
function isSame(value: unknown, read: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === read || value === undefined;
  if (Array.isArray(value) !== Array.isArray(read)) return false;
  const back = Object(read);
  return Object.entries(value).every(([key, member]) => isSame(member, back[key])) &&
    Object.keys(back).every((key) => Object.hasOwn(value, key));
}

Deno.test("what isPlain() lets through is what JSON gives back", () => {
  const odd = fc.oneof(
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
      withBoxedValues: true,
    }),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(odd, (value) => {
      if (!isPlain(value)) return;
      assert.ok(isSame(value, JSON.parse(jsonText(value, OF) as string)));
      assert.equal(jsonForm(value, OF), value);
    }),
    { numRuns: repeats(2_000) },
  );
});

Deno.test("jsonText() either writes a value or names a place, and never loses a member", () => {
  const leaf = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(new Map(), new Set(), NaN, 1n, () => 1, Symbol("s"), undefined),
  );
  const value = fc.oneof(fc.array(leaf), fc.dictionary(fc.string(), leaf));
  fc.assert(fc.property(value, (value) => {
    const members = Object.values(value);
    const isList = Array.isArray(value);
    const isWhole = members.every((member) => isPlain(member) || (!isList && member === undefined));
    if (!isWhole) assert.throws(() => jsonText(value, OF), { code: "bad_output" });
    else assert.equal(jsonText(value, OF), JSON.stringify(value));
  }));
});
