/** The check of JSON text agrees with `JSON.parse`, and holds up nobody. */
import assert from "node:assert/strict";
import { VALUE_DEPTH_MAX } from "./bounded_json.ts";
import { checkedJsonText, JsonScan } from "./json_check.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The verdict of a scan that is interrupted every so many characters. */
function scanned(text: string, slice: number): boolean {
  const scan = new JsonScan(text, VALUE_DEPTH_MAX);
  try {
    while (!scan.advance(slice));
    return true;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return false;
  }
}

function same(text: string): void {
  const expected = isJson(text);
  for (const slice of [1, 7, 1_000]) {
    assert.equal(scanned(text, slice), expected, `${JSON.stringify(text)} by ${slice}`);
  }
}

const CORPUS = [
  "null",
  "true",
  " false ",
  "0",
  "-0",
  "-1.50e+10",
  "12345678901234567890",
  "1E-3",
  '""',
  '"a\\"b\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D"',
  '"é😀\u007f\u2028\ud800"',
  "[]",
  "{}",
  "[ ]",
  "{ }",
  "[[],{},[{}]]",
  '{"a":{"b":[1,2,{"c":null}]},"__proto__":{"x":1},"a":2}',
  '\t[\n1 ,\r2.0e5, "x" ,true,false,null]\n',
  '{"kind":"value","text":"é","n":-12.5e-3,"list":[0,1,"\\u0000"]}',
];
/** Characters that mean something in JSON, and some that do not. */
const LETTERS = ["", ..."\"\\{}[],:-+.0123456789eEtrufalsn \t\n\r/bx\u0000\u001f\u00a0\ufeff'é"];

Deno.test("JsonScan agrees with JSON.parse on every truncation of a corpus", () => {
  for (const text of CORPUS) {
    for (let end = 0; end <= text.length; end++) same(text.slice(0, end));
    for (let start = 0; start <= text.length; start++) same(text.slice(start));
  }
});

Deno.test("JsonScan agrees with JSON.parse on every change of one character of a corpus", () => {
  for (const text of CORPUS) {
    for (let at = 0; at <= text.length; at++) {
      for (const letter of LETTERS) {
        same(text.slice(0, at) + letter + text.slice(at));
        same(text.slice(0, at) + letter + text.slice(at + 1));
      }
    }
  }
});

/** A generator of numbers below 1 that always begins alike. */
function random(seed: number): () => number {
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
}

Deno.test("JsonScan agrees with JSON.parse on random texts", () => {
  const next = random(7);
  const pick = (of: readonly string[]) => of[Math.floor(next() * of.length)] ?? "";
  let valid = 0;
  const parts = ["[", "]", "{", "}", ",", ":", '"a"', '"a":', "1", "-2.5e3", "true", "null", " "];
  for (let round = 0; round < 20_000; round++) {
    const length = 1 + Math.floor(next() * 6);
    const text = Array.from({ length }, () => pick(next() < 0.05 ? LETTERS : parts)).join("");
    if (isJson(text)) valid += 1;
    same(text);
  }
  assert.ok(valid > 500, `only ${valid} of the texts were JSON`);
});

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const objects = (depth: number) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth);
/** Makes a text one that is checked in slices. */
const long = (text: string) => text + " ".repeat(64 * 1024);

for (const [kind, make] of Object.entries({ nested, objects })) {
  Deno.test(`checkedJsonText() takes 192 levels of ${kind}, and no more, of any length`, async () => {
    for (const wrap of [(text: string) => text, long]) {
      await checkedJsonText(wrap(make(192)));
      for (const depth of [193, 5_000, 100_000]) {
        await assert.rejects(async () => await checkedJsonText(wrap(make(depth))), {
          name: "RangeError",
          message: "it is nested deeper than 192 levels",
        });
      }
    }
  });
}

Deno.test("checkedJsonText() checks a short text at once, and a long one later", async () => {
  assert.equal(checkedJsonText("[1]"), undefined);
  assert.throws(() => checkedJsonText("[1"), SyntaxError);
  for (const text of CORPUS) await checkedJsonText(long(text));
  for (const text of ["[1", '{"a":', "1,", '"', "[1] x"]) {
    const checked = checkedJsonText(long(text));
    assert.ok(checked instanceof Promise);
    await assert.rejects(checked, SyntaxError);
  }
});

Deno.test("checkedJsonText() lets the event loop run while it checks 32 MiB", async () => {
  const half = 16 * 1024 * 1024;
  const texts = [
    JSON.stringify("x".repeat(2 * half)),
    `[${"1,".repeat(half - 2)}1]`,
    "9".repeat(2 * half),
    JSON.stringify('"'.repeat(half)),
    `[${"{},".repeat(half / 2)}1]`,
  ];
  for (const text of texts) {
    let turns = 0;
    const checked = checkedJsonText(text);
    const count = () => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await checked;
    clearImmediate(next);
    // One slice is 64 Ki characters.
    assert.ok(turns >= text.length / (64 * 1024) - 2, `${turns} turns`);
  }
});
