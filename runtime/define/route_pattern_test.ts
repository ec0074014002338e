import assert from "node:assert/strict";
import { routePattern } from "./route_pattern.ts";

Deno.test("routePattern() reads a method and a path", () => {
  assert.deepEqual(routePattern("GET /cities/:city/files/:path*"), {
    method: "GET",
    segments: [
      { text: "cities" },
      { param: "city", isRest: false },
      { text: "files" },
      { param: "path", isRest: true },
    ],
  });
  assert.deepEqual(routePattern("POST /"), { method: "POST", segments: [{ text: "" }] });
});

const refused: [pattern: string, reason: RegExp][] = [
  ["/plan", /write it as a method and a path/],
  ["get /plan", /write it as a method and a path/],
  ["GET plan", /write it as a method and a path/],
  ["GET /a b", /write it as a method and a path/],
  ["GET /:a/:a", /two parameters ":a"/],
  ["GET /:a*/b", /":a\*" must be its last segment/],
  ["GET /*", /"\*" is neither plain text nor a parameter/],
  ["GET /a:b", /"a:b" is neither/],
  ["GET /:", /":" is neither/],
  ["GET /:id(\\d+)", /is neither/],
  ["GET /a?", /"a\?" is neither/],
];
for (const [pattern, message] of refused) {
  Deno.test(`routePattern() refuses ${pattern}`, () => {
    assert.throws(() => routePattern(pattern), { code: "bad_definition", message });
  });
}
