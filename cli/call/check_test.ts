import { deepEqual, equal, match, throws } from "node:assert/strict";
import type { JsonObject } from "../../runtime/base/json.ts";
import { CliError } from "../base/exit.ts";
import { checkArguments, surplusText } from "./check.ts";

const SCHEMA = {
  type: "object",
  properties: {
    origin: { type: "string" },
    date: { type: "string", format: "date" },
    seats: { type: "integer", minimum: 1, maximum: 9 },
    cabin: { enum: ["economy", "business"] },
    stops: { type: "array", items: { type: "string" } },
    trip: { type: "object", properties: { days: { type: "integer" } }, required: ["days"] },
    maybe: { anyOf: [{ type: "number" }, { type: "null" }] },
  },
  required: ["origin"],
};

function check(args: JsonObject, typed: string[] = Object.keys(args), schema: unknown = SCHEMA) {
  return checkArguments({ tool: "t", schema, args, typed: new Set(typed), program: "meshctl" });
}

Deno.test("checkArguments() names the argument, what it must be and the value", () => {
  const rows: [JsonObject, RegExp][] = [
    [{}, /^t: origin is missing: string$/],
    [{ origin: 5 }, /^t: origin must be string, not 5$/],
    [{ origin: "a", date: "1st of June" }, /date must be date such as .*, not "1st of June"/],
    [{ origin: "a", seats: "five" }, /seats must be integer from 1 to 9, not "five"/],
    [{ origin: "a", seats: 10 }, /seats must be integer from 1 to 9, not 10/],
    [{ origin: "a", seats: 1.5 }, /seats must be integer from 1 to 9, not 1\.5/],
    [{ origin: "a", cabin: "first" }, /cabin must be "economy" or "business", not "first"/],
    [{ origin: "a", stops: ["a", 2] }, /stops\[1\] must be string, not 2/],
    [{ origin: "a", trip: {} }, /trip\.days is missing: integer/],
    [{ origin: "a", trip: { days: "x" } }, /trip\.days must be integer, not "x"/],
    [{ origin: "a", maybe: "x" }, /maybe must be number or null, not "x"/],
    [{ orign: "a", origin: "a" }, /orign is no argument of t; it takes origin, date/],
    [{ orign: "a" }, /2 arguments do not fit:\n {2}orign is no .*Did you mean origin\?\n {2}orig/],
  ];
  for (const [args, message] of rows) {
    throws(() => check(args), (error) => {
      equal(error instanceof CliError && error.code, 2);
      match(String(error instanceof CliError && error.message), message);
      return true;
    }, JSON.stringify(args));
  }
  deepEqual(check({ origin: "a", seats: 2, maybe: null, _trace_id: "x" }), []);
});

Deno.test("checkArguments() lets a JSON argument have more than a tool lists, and says what", () => {
  const surplus = check({ origin: "a", sets: 1 }, []);
  deepEqual(surplus, ["sets"]);
  match(
    surplusText("t", surplus, SCHEMA),
    /^t does not list "sets" .*ignore it\. Did you mean sea/,
  );
  throws(() => check({ origin: "a", sets: 1 }, [], { ...SCHEMA, additionalProperties: false }));
  deepEqual(check({ origin: "a", x: 1 }, ["x"], { ...SCHEMA, additionalProperties: true }), []);
});

Deno.test("checkArguments() leaves it to the agent where the schema cannot be used", () => {
  deepEqual(check({ x: 1 }, ["x"], { type: "object" }), []);
  deepEqual(check({ x: 1 }, ["x"], { $ref: "https://example.com/schema.json" }), []);
});
