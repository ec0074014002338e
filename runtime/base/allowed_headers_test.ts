import { equal } from "node:assert/strict";
import { allowedHeaders, allowsHeader } from "./allowed_headers.ts";

const rows: [items: string[], header: string, allowed: boolean][] = [
  [["x-one"], "X-One", true],
  [["X-ONE"], "x-one", true],
  [["x-one"], "x-one-more", false],
  [["x-*"], "X-Anything", true],
  [["x-*"], "y", false],
  [["*"], "authorization", false],
  [["*", "x-one"], "x-one", true],
  [[], "accept", false],
];
for (const [items, header, allowed] of rows) {
  Deno.test(`allowsHeader() ${allowed ? "lets" : "keeps"} ${header} with [${items}]`, () => {
    equal(allowsHeader(allowedHeaders(items), header), allowed);
  });
}
