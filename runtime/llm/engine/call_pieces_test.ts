import assert from "node:assert/strict";
import { CallPieces } from "./call_pieces.ts";

type Call = [id: RegExp | string, name: string, args: string];

function called(name: string | undefined, args?: unknown): Record<string, unknown> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(args === undefined ? {} : { arguments: args }),
  };
}

const TOOLS = ["f", "g", "get_weather"];
const MADE = /^call_\d_\w{8}$/;

const rows: [name: string, pieces: unknown[], calls: Call[]][] = [
  ["numbered pieces, interleaved", [
    { index: 0, id: "a", function: called("f", "") },
    { index: 1, id: "b", function: called("g", '{"y"') },
    { index: 0, function: called(undefined, '{"x":') },
    { index: 1, function: called(undefined, ":2}") },
    { index: 0, function: called(undefined, "1}") },
  ], [["a", "f", '{"x":1}'], ["b", "g", '{"y":2}']]],
  ["whole calls without numbers or ids", [
    { function: called("f", '{"x":1}') },
    { function: called("f", '{"x":2}') },
  ], [[MADE, "f", '{"x":1}'], [MADE, "f", '{"x":2}']]],
  ["whole calls that are all numbered 0", [
    { index: 0, id: "a", function: called("f", "{}") },
    { index: 0, id: "b", function: called("g", "{}") },
  ], [["a", "f", "{}"], ["b", "g", "{}"]]],
  ["a second head under the first number, its tail under its own", [
    { index: 0, id: "a", function: called("f", '{"n":1}') },
    { index: 0, id: "b", function: called("f", "") },
    { index: 1, function: called(undefined, '{"n"') },
    { index: 1, function: called(undefined, ":2}") },
  ], [["a", "f", '{"n":1}'], ["b", "f", '{"n":2}']]],
  ["a number that counts on with every piece", [
    { index: 0, id: "a", function: called("f", "") },
    { index: 1, function: called(undefined, '{"n"') },
    { index: 2, function: called(undefined, ":1}") },
    { index: 3, id: "b", function: called("g", "{}") },
  ], [["a", "f", '{"n":1}'], ["b", "g", "{}"]]],
  ["a tail under a wrong number, and a call that has the number later", [
    { index: 0, id: "a", function: called("f", "") },
    { index: 1, function: called(undefined, '{"n":1}') },
    { index: 1, id: "b", function: called("g", "") },
    { index: 1, function: called(undefined, '{"n":2}') },
  ], [["a", "f", '{"n":1}'], ["b", "g", '{"n":2}']]],
  ["id and name in every piece, no number", [
    { id: "a", function: called("f", '{"n"') },
    { id: "a", function: called("f", ":1}") },
  ], [["a", "f", '{"n":1}']]],
  ["a known id under another number", [
    { index: 0, id: "a", function: called("f", '{"n"') },
    { index: 1, id: "b", function: called("g", "{}") },
    { index: 1, id: "a", function: called(undefined, ":1}") },
  ], [["a", "f", '{"n":1}'], ["b", "g", "{}"]]],
  ["an id repeated with every piece, the name empty", [
    { index: 0, id: "a", function: called("f", "{") },
    { index: 0, id: "a", function: called("", "}") },
  ], [["a", "f", "{}"]]],
  ["a new id with every piece", [
    { index: 0, id: "a", function: called("f", "") },
    { index: 0, id: "b", function: called(undefined, '{"n"') },
    { index: 0, id: "c", function: called(undefined, ":1}") },
    { index: 1, id: "d", function: called("g", "{}") },
  ], [["a", "f", '{"n":1}'], ["d", "g", "{}"]]],
  ["a new id with every piece, no number", [
    { id: "a", function: called("f", "") },
    { id: "b", function: called(undefined, "{}") },
  ], [["a", "f", "{}"]]],
  ["a new id and the name with every piece", [
    { index: 0, id: "a", function: called("f", '{"n"') },
    { index: 0, id: "b", function: called("f", ":1}") },
    { index: 1, id: "c", function: called("f", '{"n"') },
    { index: 1, id: "d", function: called("f", ":2}") },
  ], [["a", "f", '{"n":1}'], ["c", "f", '{"n":2}']]],
  ["a new id and the name with every piece, no number", [
    { id: "a", function: called("f", '{"n"') },
    { id: "b", function: called("f", ":1}") },
    { id: "c", function: called("g", "{}") },
  ], [["a", "f", '{"n":1}'], ["c", "g", "{}"]]],
  ["a call that breaks off, and another one of its tool", [
    { index: 0, id: "a", function: called("f", '{"n"') },
    { index: 0, id: "b", function: called("f", '{"n":2}') },
  ], [["a", "f", '{"n"'], ["b", "f", '{"n":2}']]],
  ["an id that comes late", [
    { index: 0, function: called("f", "") },
    { index: 0, id: "a", function: called(undefined, "{}") },
  ], [["a", "f", "{}"]]],
  ["a name that comes late", [
    { index: 0, id: "a", function: called(undefined, '{"n"') },
    { index: 0, function: called("f", ":1}") },
  ], [["a", "f", '{"n":1}']]],
  ["a name in pieces", [
    { index: 0, id: "a", function: called("get_", "") },
    { index: 0, function: called("weather", "{}") },
  ], [["a", "get_weather", "{}"]]],
  ["a name in pieces without a number", [
    { function: called("get_") },
    { function: called("weather", "{}") },
  ], [[MADE, "get_weather", "{}"]]],
  ["a name that grows", [
    { index: 0, id: "a", function: called("get_", "") },
    { index: 0, function: called("get_weather", "{}") },
  ], [["a", "get_weather", "{}"]]],
  ["a name in pieces that is repeated then", [
    { index: 0, id: "a", function: called("get_", "") },
    { index: 0, function: called("weather", "") },
    { index: 0, function: called("get_weather", "{}") },
  ], [["a", "get_weather", "{}"]]],
  ["a name in every piece", [
    { index: 0, id: "a", function: called("f", '{"n"') },
    { index: 0, function: called("f", ":1}") },
  ], [["a", "f", '{"n":1}']]],
  ["two calls without arguments, numbered 0, no ids", [
    { index: 0, function: called("f", "") },
    { index: 0, function: called("g", "") },
  ], [[MADE, "f", "{}"], [MADE, "g", "{}"]]],
  ["two calls of one tool without arguments", [
    { index: 0, id: "a", function: called("f") },
    { index: 0, id: "b", function: called("f") },
  ], [["a", "f", "{}"], ["b", "f", "{}"]]],
  ["one id for two tools", [
    { index: 0, id: "0", function: called("f", "{}") },
    { index: 1, id: "0", function: called("g", '{"n":1}') },
  ], [["0", "f", "{}"], [MADE, "g", '{"n":1}']]],
  ["one id for two calls of a tool", [
    { index: 0, id: "0", function: called("f", '{"n":1}') },
    { index: 1, id: "0", function: called("f", '{"n":2}') },
  ], [["0", "f", '{"n":1}'], [MADE, "f", '{"n":2}']]],
  ["several calls in the arguments of one", [
    { index: 0, id: "a", function: called("f", '{"n":1}') },
    { index: 0, function: called(undefined, '\n{"n":2}') },
  ], [["a", "f", '{"n":1}'], [MADE, "f", '{"n":2}']]],
  ["arguments that grow", [
    { index: 0, id: "a", function: called("f", "") },
    { index: 0, function: called(undefined, '{"n"') },
    { index: 0, function: called(undefined, '{"n":1') },
    { index: 0, function: called(undefined, '{"n":1}') },
  ], [["a", "f", '{"n":1}']]],
  ["arguments that are said again at the end", [
    { index: 0, id: "a", function: called("f", '{"n"') },
    { index: 0, function: called(undefined, ":1}") },
    { index: 0, id: "a", function: called("f", '{"n": 1}') },
  ], [["a", "f", '{"n": 1}']]],
  ["arguments that begin with none", [
    { index: 0, id: "a", function: called("f", "{}") },
    { index: 0, function: called(undefined, '{"n":1}') },
  ], [["a", "f", '{"n":1}']]],
  ["arguments that are an object", [
    { index: 0, id: "a", function: called("f", { x: 1 }) },
  ], [["a", "f", '{"x":1}']]],
  ["no arguments", [{ index: 0, id: "a", function: called("f") }], [["a", "f", "{}"]]],
  ["null for arguments", [{ index: 0, id: "a", function: called("f", null) }], [["a", "f", "{}"]]],
  ["arguments that end too early", [
    { index: 0, id: "a", function: called("f", '{"n":') },
  ], [["a", "f", '{"n":']]],
  ["a number as text, an id as number", [
    { index: "0", id: 7, function: called("f", '{"n"') },
    { index: "0", function: called(undefined, ":1}") },
  ], [["7", "f", '{"n":1}']]],
  ["pieces that are nothing", [null, "x", {}, { index: 0 }, { function: null }], []],
  ["a call that is never named", [
    { index: 0, id: "a", function: called(undefined, '{"n":1}') },
  ], [["a", "", '{"n":1}']]],
];

for (const [name, pieces, calls] of rows) {
  Deno.test(`CallPieces puts together ${name}`, () => {
    const taken = new CallPieces(TOOLS);
    for (const piece of pieces) taken.add(piece);
    const made = taken.calls();
    assert.deepEqual(
      made.map(({ function: called }) => [called.name, called.arguments]),
      calls.map(([, name, args]) => [name, args]),
    );
    for (const [at, [id]] of calls.entries()) {
      if (typeof id === "string") assert.equal(made[at]?.id, id);
      else assert.match(made[at]?.id ?? "", id);
    }
    assert.equal(new Set(made.map(({ id }) => id)).size, made.length, "ids are unique");
  });
}

Deno.test("CallPieces keeps what vendors add to a call", () => {
  const taken = new CallPieces(TOOLS);
  const extra_content = { google: { thought_signature: "s" } };
  taken.add({ index: 0, id: "a", type: "function", function: called("f", "{}"), extra_content });
  assert.deepEqual(taken.calls()[0]?.["extra_content"], extra_content);
});

Deno.test("CallPieces keeps the digits of a number in arguments that are an object", () => {
  const taken = new CallPieces(TOOLS);
  taken.add({ id: "a", function: called("f", { id: rawNumber("1915883588174806058") }) });
  assert.equal(taken.calls()[0]?.function.arguments, '{"id":1915883588174806058}');
});

function rawNumber(digits: string): unknown {
  return (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON(digits);
}

Deno.test("CallPieces reads long arguments in many pieces at once", () => {
  const taken = new CallPieces(TOOLS);
  const text = JSON.stringify({ text: "word ".repeat(40_000) });
  const started = performance.now();
  for (let at = 0; at < text.length; at += 20) {
    taken.add({ id: "a", function: called("f", text.slice(at, at + 20)) });
  }
  assert.equal(taken.calls()[0]?.function.arguments, text);
  assert.ok(performance.now() - started < 1_000);
});
