import assert from "node:assert/strict";
import type { RouteManifest } from "./manifest.ts";
import { routePattern } from "./route_pattern.ts";
import { Router } from "./router.ts";

function route(key: string): RouteManifest {
  const pattern = key === "fetch" ? undefined : routePattern(key);
  return { key, pattern, description: "", maxBodyBytes: 0, dependencies: [] };
}

const KEYS = [
  "GET /",
  "GET /cities/:city",
  "GET /cities/new",
  "POST /cities/:city",
  "GET /cities/:city/days/:day",
  "GET /cities/new/days/first",
  "GET /files/:path*",
  "GET /files/:dir/index",
  "GET /caf\u00e9",
  "HEAD /cities/new",
];

const rows: [method: string, path: string, key: string, params?: Record<string, string>][] = [
  ["GET", "/", "GET /"],
  ["GET", "/cities/Tokyo", "GET /cities/:city", { city: "Tokyo" }],
  ["HEAD", "/cities/Tokyo", "GET /cities/:city", { city: "Tokyo" }],
  ["GET", "/cities/new", "GET /cities/new"],
  ["HEAD", "/cities/new", "HEAD /cities/new"],
  ["POST", "/cities/new", "POST /cities/:city", { city: "new" }],
  ["GET", "/cities/new/days/first", "GET /cities/new/days/first"],
  ["GET", "/cities/new/days/2", "GET /cities/:city/days/:day", { city: "new", day: "2" }],
  ["GET", "/cities/a%2Fb", "GET /cities/:city", { city: "a/b" }],
  ["GET", "/cities/..%2F..", "GET /cities/:city", { city: "../.." }],
  ["GET", "/caf%C3%A9", "GET /caf\u00e9"],
  ["GET", "/files", "GET /files/:path*", { path: "" }],
  ["GET", "/files/", "GET /files/:path*", { path: "" }],
  ["GET", "/files/a/b%20c.css", "GET /files/:path*", { path: "a/b c.css" }],
  ["GET", "/files/a/index", "GET /files/:dir/index", { dir: "a" }],
  ["GET", "/files/a/index/b", "GET /files/:path*", { path: "a/index/b" }],
];
for (const [method, path, key, params = {}] of rows) {
  Deno.test(`Router leads ${method} ${path} to ${key}, whatever the order`, () => {
    for (const keys of [KEYS, KEYS.toReversed()]) {
      const found = new Router(keys.map(route)).find(method, path);
      assert.ok(typeof found === "object" && "route" in found);
      assert.deepEqual([found.route.key, { ...found.params }], [key, params]);
    }
  });
}

const others: [method: string, path: string, found: unknown][] = [
  ["GET", "/nowhere", { allow: [] }],
  ["GET", "/cities", { allow: [] }],
  ["GET", "/cities/", { allow: [] }],
  ["GET", "/cities/Tokyo/", { allow: [] }],
  ["PUT", "/cities/new", { allow: ["GET", "HEAD", "POST"] }],
  ["DELETE", "/files/a", { allow: ["GET", "HEAD"] }],
  ["GET", "/cities/%E0%A4%A", "malformed"],
  ["GET", "/files/a%2Fb", "malformed"],
  ["GET", "/files/a/%2e%2e", "malformed"],
  ["GET", "/files/a%5Cb", "malformed"],
  ["GET", "/files/a%00", "malformed"],
];
for (const [method, path, expected] of others) {
  Deno.test(`Router has for ${method} ${path}: ${JSON.stringify(expected)}`, () => {
    const found = new Router(KEYS.map(route)).find(method, path);
    assert.deepEqual(
      typeof found === "object" && "allow" in found ? { allow: found.allow.toSorted() } : found,
      expected,
    );
  });
}

Deno.test("Router leads what no route answers to the application, but no path that is malformed", () => {
  const router = new Router([...KEYS, "fetch"].map(route));
  for (const [method, path] of [["GET", "/nowhere"], ["PUT", "/cities/new"]] as const) {
    const found = router.find(method, path);
    assert.ok(typeof found === "object" && "route" in found);
    assert.equal(found.route.key, "fetch");
  }
  assert.equal(router.find("GET", "/%"), "malformed");
});

Deno.test("Router refuses two routes that answer the same requests", () => {
  assert.throws(() => new Router(["GET /a/:b", "GET /a/:c"].map(route)), {
    code: "bad_definition",
    message: 'routes "GET /a/:b" and "GET /a/:c" answer the same requests; remove one',
  });
});
