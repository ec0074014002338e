import { deepEqual, equal, throws } from "node:assert/strict";
import { byBytes, printJson, readJson } from "./json_text.ts";

const texts: [text: string, printed: string][] = [
  ["1", "1"],
  ["1.0", "1.0"],
  ["-0.0", "-0.0"],
  ["0.1", "0.1"],
  ["1.50", "1.5"],
  ["1e3", "1000.0"],
  ["123456.789", "123456.789"],
  ["1e15", "1000000000000000.0"],
  ["1e16", "1e16"],
  ["1.25e21", "1.25e21"],
  ["0.0001", "0.0001"],
  ["0.00001", "0.00001"],
  ["0.000001", "1e-6"],
  ["1.5e-7", "1.5e-7"],
  ["10000000000000000", "10000000000000000"],
  ["-9007199254740991", "-9007199254740991"],
  ["100000000000000000000", "1e20"],
  ['{"b":1,"a":[true,null]}', '{"a":[true,null],"b":1}'],
  ['{"é":1,"z":2,"Z":3}', '{"Z":3,"z":2,"é":1}'],
  ['{"\\ud83d\\ude00":1,"\\uffee":2}', '{"\uffee":2,"\u{1f600}":1}'],
  ['"a\\/\\u0001\\u00e9\\n"', '"a/\\u0001é\\n"'],
  ['{"__proto__":{"x":1.0}}', '{"__proto__":{"x":1.0}}'],
];
for (const [text, printed] of texts) {
  Deno.test(`printJson(readJson(${text})) is ${printed}`, () => {
    equal(printJson(readJson(text)), printed);
    equal(printJson(readJson(printed)), printed);
  });
}

Deno.test("printJson() leaves out what has no value", () => {
  equal(printJson({ a: undefined, b: [undefined], c: NaN }), '{"b":[null],"c":null}');
});

Deno.test("a float is a number again in ordinary JSON", () => {
  equal(JSON.stringify(readJson('{"minimum":1.0}')), '{"minimum":1}');
});

Deno.test("readJson() refuses what is not JSON", () => {
  throws(() => readJson("{bad"), SyntaxError);
});

Deno.test("byBytes() orders by UTF-8, not by UTF-16", () => {
  deepEqual(["\u{1f600}", "\uffee", "b", "a"].sort(byBytes), ["a", "b", "\uffee", "\u{1f600}"]);
});
