import { deepEqual, equal, match, throws } from "node:assert/strict";
import { CliError } from "../base/exit.ts";
import { errorOffset, parseJsonObject } from "./json_argument.ts";

Deno.test("parseJsonObject() reads an object", () => {
  deepEqual(parseJsonObject(' {"a": [1, {"b": "c"}]} ', "it"), { a: [1, { b: "c" }] });
});

Deno.test("errorOffset() is where the text stops being JSON", () => {
  const rows: [string, number][] = [
    ["", 0],
    ["{", 1],
    ["{a: 1}", 1],
    ["{'a': 1}", 1],
    ['{"a" 1}', 5],
    ['{"a": Tokyo}', 6],
    ['{"a": 1,}', 8],
    ['{"a": 1 "b": 2}', 8],
    ['{"a": "x', 8],
    ['{"a": "\\q"}', 7],
    ['{"a": 01}', 7],
    ['{"a": [1, ]}', 10],
    ['{"a": 1} x', 9],
    ['{"a": tru}', 6],
    ['{"a": -}', 6],
    ['{"a": 1.}', 7],
    ['{"a": "b\nc"}', 8],
  ];
  for (const [text, offset] of rows) {
    throws(() => JSON.parse(text));
    equal(errorOffset(text), offset, text);
  }
});

Deno.test("parseJsonObject() shows line, column and the place of a mistake", () => {
  const rows: [string, RegExp][] = [
    ['{"city": Tokyo}', /line 1, column 10: .*\n {2}\{"city": Tokyo\}\n {11}\^$/],
    ['{\n  "a": 1,\n  b: 2\n}', /line 3, column 3: .*\n {4}b: 2\n {4}\^$/],
    ["{", /line 1, column 2: .*\n {2}\{\n {3}\^$/],
  ];
  for (const [text, message] of rows) {
    throws(() => parseJsonObject(text, "the JSON argument"), (error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      equal(error.code, 2);
      match(error.message, message);
      return true;
    });
  }
});

Deno.test("parseJsonObject() shows a window of a long line", () => {
  const text = `{"a": "${"x".repeat(500)}", b}`;
  throws(() => parseJsonObject(text, "it"), (error: unknown) => {
    if (!(error instanceof CliError)) throw error;
    const [, excerpt = "", marker = ""] = error.message.split("\n");
    equal(excerpt.length < 80, true);
    equal(excerpt.charAt(marker.indexOf("^")), "b");
    return true;
  });
});

Deno.test("parseJsonObject() refuses JSON that is no object, saying what it is", () => {
  const rows: [string, string][] = [
    ["[1]", "an array"],
    ["null", "null"],
    ["5", "a number"],
    ['"x"', "a string"],
    ["true", "a boolean"],
  ];
  for (const [text, kind] of rows) {
    throws(() => parseJsonObject(text, "it"), {
      code: 2,
      message: `it is ${kind}, and a tool takes a JSON object`,
    });
  }
});

Deno.test("parseJsonObject() tells a bare word how arguments and one agent's tools are written", () => {
  throws(
    () => parseJsonObject("greet", "the JSON argument"),
    (error) =>
      error instanceof CliError && error.hint ===
        `Write it like name=value or '{"name": "value"}'; a tool of one agent is AGENT:greet.`,
  );
});
