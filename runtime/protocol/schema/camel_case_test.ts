import { equal } from "node:assert/strict";
import { camelCase } from "./camel_case.ts";

const names: [name: string, camel: string][] = [
  ["name", "name"],
  ["user_id", "userId"],
  ["user-id", "userId"],
  ["user id", "userId"],
  ["userId", "userId"],
  ["userID", "userId"],
  ["UserId", "userId"],
  ["URLPath", "urlPath"],
  ["parseHTTPBody", "parseHttpBody"],
  ["HTTP", "http"],
  ["_private__name_", "privateName"],
  ["budget_usd_2", "budgetUsd2"],
  ["straße_groß", "straßeGroß"],
  ["été_ÉCOLE", "étéÉcole"],
  ["__proto__", "proto"],
  ["_", "_"],
  ["", ""],
];
for (const [name, camel] of names) {
  Deno.test(`camelCase(${JSON.stringify(name)}) is ${camel}`, () => equal(camelCase(name), camel));
}
