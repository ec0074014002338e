import { deepEqual } from "node:assert/strict";
import { completeLine, type CompletionSource } from "./completion.ts";

const SCHEMA = {
  type: "object",
  properties: {
    origin: { type: "string" },
    cabin: { enum: ["economy", "business", "very best"] },
    direct: { type: "boolean" },
    airlines: { type: "array", items: { enum: ["MH", "SQ"] } },
  },
  required: ["origin"],
};

const source: CompletionSource = {
  tools: () => Promise.resolve(["flight_search", "flights:flight_search", "get_weather"]),
  schema: (tool) =>
    tool === "flight_search" ? Promise.resolve(SCHEMA) : Promise.reject(new Error("no such tool")),
  options: ["--stream", "--output"],
};

Deno.test("completeLine() completes words, tools, arguments, values and options", async () => {
  const rows: [string, string[], string][] = [
    ["fl", ["flight_search"], "fl"],
    ["flights:", ["flights:flight_search"], "flights:"],
    ["de", ["describe"], "de"],
    ["describe g", ["get_weather"], "g"],
    ["describe get_weather x", [], "x"],
    ["call f", ["flight_search"], "f"],
    ["flight_search ", ["origin=", "cabin=", "direct=", "airlines="], ""],
    ["call flight_search or", ["origin="], "or"],
    ["flight_search origin=x o", [], "o"],
    ["flight_search airlines=MH a", ["airlines="], "a"],
    ["flight_search cabin=", ["cabin=economy", "cabin=business"], "cabin="],
    ["flight_search direct:=t", ["direct:=true"], "direct:=t"],
    ["flight_search airlines=S", ["airlines=SQ"], "airlines=S"],
    ["flight_search origin=", [], "origin="],
    ["flight_search --s", ["--stream"], "--s"],
    ["status fl", [], "fl"],
  ];
  for (const [line, candidates, word] of rows) {
    deepEqual(await completeLine(line, source), [candidates, word], line);
  }
});
