import { deepEqual } from "node:assert/strict";
import { sampleArguments } from "./sample_arguments.ts";

Deno.test("sampleArguments() fills every required property, and only those", () => {
  const schema = {
    type: "object",
    properties: {
      origin: { type: "string" },
      destination: { type: "string" },
      date: { type: "string" },
      cabin: { type: "string" },
    },
    required: ["origin", "destination", "date"],
  };
  deepEqual(sampleArguments(schema), { origin: "SFO", destination: "NRT", date: "2026-06-01" });
});

Deno.test("sampleArguments() fits a value to its schema", () => {
  const rows: [unknown, unknown][] = [
    [{ type: "string", examples: ["e"], default: "d" }, "e"],
    [{ type: "string", default: "d" }, "d"],
    [{ enum: ["x", "y"] }, "x"],
    [{ const: false }, false],
    [{ type: "integer", minimum: 2.5 }, 3],
    [{ type: "number", exclusiveMinimum: 10 }, 11],
    [{ type: "number", maximum: 0.5 }, 0.5],
    [{ type: "boolean" }, true],
    [{ type: ["null", "string"] }, null],
    [{ type: "array", items: { type: "integer" }, minItems: 2 }, [1, 1]],
    [{ type: "array" }, []],
    [{ anyOf: [{ type: "integer" }, { type: "null" }] }, 1],
    [{ type: "string", format: "email" }, "someone@example.com"],
    [{ type: "string", minLength: 8 }, "hello..."],
    [{ type: "object", properties: { a: { type: "boolean" } }, required: ["a"] }, { a: true }],
    [undefined, "hello"],
  ];
  for (const [property, value] of rows) {
    const schema = { type: "object", properties: { v: property }, required: ["v"] };
    deepEqual(sampleArguments(schema), { v: value });
  }
  deepEqual(sampleArguments(undefined), {});
});
