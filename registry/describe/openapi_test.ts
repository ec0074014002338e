import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openApiDocument } from "./openapi.ts";
import { OPERATIONS } from "./openapi_operations.ts";
import { row } from "../suites/mesh_fixture.ts";
import { openPath } from "../routes/resource.ts";

/** Every reference anywhere in a document. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === "$ref" ? [String(member)] : references(member)
  );
}

Deno.test("every route of the sources is described, and nothing else", async () => {
  const routes = new Set<string>();
  const folder = new URL("../routes/", import.meta.url);
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith("_test.ts")) continue;
    const source = await Deno.readTextFile(fileURLToPath(new URL(name, folder)));
    for (const [, path = ""] of source.matchAll(/^\s*resource\(app, "([^"]+)"/gm)) {
      routes.add(openPath(path));
    }
  }
  deepEqual([...new Set(OPERATIONS.map(({ path }) => path))].sort(), [...routes].sort());
});

for (const [path, operations] of Map.groupBy(OPERATIONS, ({ path }) => path)) {
  row("openapi", `${path} has the methods it is described with`, async (mesh) => {
    const target = path.replace("{target}", "h:1/mcp").replaceAll(/\{\w+\}/g, "x");
    const response = await mesh.send(target, { method: "PUT" }, { remote: "127.0.0.1" });
    await response.body?.cancel();
    equal(response.status, 405);
    const methods = operations.map(({ method }) => method.toUpperCase()).sort();
    deepEqual(response.headers.get("allow")?.split(", ").sort(), methods);
  });
}

Deno.test("every reference of the description leads somewhere", () => {
  const document = openApiDocument();
  const { schemas } = document["components"] as { schemas: Record<string, unknown> };
  const found = references(document);
  equal(found.length > 20, true);
  for (const reference of found) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1] ?? "";
    equal(Object.hasOwn(schemas, name), true, reference);
  }
});

row("openapi", "GET /openapi.json is the description of what was registered", async (mesh) => {
  const response = await mesh.send("/openapi.json");
  equal(response.headers.get("content-type"), "application/json");
  const document = await response.json();
  deepEqual(document, JSON.parse(JSON.stringify(openApiDocument())));
  equal(document.openapi, "3.1.0");
  const { post } = document.paths["/heartbeat"];
  deepEqual(post.requestBody.content["application/json"].schema, {
    $ref: "#/components/schemas/Registration",
  });
  equal(document.components.schemas.Registration.properties.tools !== undefined, true);
  deepEqual(document.paths["/agents/{id}"].delete.parameters, [
    { name: "id", in: "path", required: true, schema: { type: "string" } },
  ]);
  deepEqual(document.paths["/admin/drain"].post.security, [{ adminToken: [] }, {}]);
  deepEqual(document.paths["/mcp"].post.security, [{ mcpToken: [] }, { adminToken: [] }, {}]);
});

row("docs", "what a client has of the description is not sent again", async (mesh) => {
  for (const path of ["/openapi.json", "/docs"]) {
    const first = await mesh.send(path);
    const tag = first.headers.get("etag") ?? "";
    equal((await first.text()).length > 0, true);
    const again = await mesh.send(path, { headers: { "if-none-match": tag } });
    deepEqual([again.status, await again.text()], [304, ""], path);
    const other = await mesh.send(path, { headers: { "if-none-match": '"older"' } });
    deepEqual([other.status, (await other.text()).length > 0], [200, true], path);
  }
});

row("docs", "GET /docs shows every route and message, and loads nothing", async (mesh) => {
  const response = await mesh.send("/docs");
  match(response.headers.get("content-type") ?? "", /^text\/html/);
  match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  const page = await response.text();
  for (const { path } of OPERATIONS) equal(page.includes(`</span> ${path}</code>`), true, path);
  match(page, /<section id="Registration">/);
  match(page, /<a href="#Registration"><code>Registration<\/code><\/a>/);
  doesNotMatch(page, /<script|<link|<img|src=|href="(?!#|openapi\.json)/);
  for (const [, name] of page.matchAll(/href="#(\w+)"/g)) {
    equal(page.includes(`id="${name}"`), true, `${name}`);
  }
});
