import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { row, type TestMesh } from "../suites/mesh_fixture.ts";

/** A description, as far as it is looked at here. */
interface Description {
  openapi: string;
  // deno-lint-ignore no-explicit-any -- operations are looked at one member at a time
  paths: Record<string, Record<string, any>>;
  // deno-lint-ignore no-explicit-any -- and so are schemas
  components: { schemas: Record<string, any> };
}

async function description(mesh: TestMesh): Promise<Description> {
  const response = await mesh.send("/openapi.json");
  equal(response.headers.get("content-type"), "application/json");
  return await response.json();
}

/** Every reference anywhere in a document. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === "$ref" ? [String(member)] : references(member)
  );
}

row("openapi", "every path is served, by the methods it is described with", async (mesh) => {
  const { paths } = await description(mesh);
  equal(Object.keys(paths).length > 20, true);
  for (const [path, operations] of Object.entries(paths)) {
    const target = path.replace("{target}", "h:1/mcp").replaceAll(/\{\w+\}/g, "x");
    const response = await mesh.send(target, { method: "PUT" });
    await response.body?.cancel();
    equal(response.status, 405, path);
    const methods = Object.keys(operations).map((method) => method.toUpperCase());
    deepEqual(response.headers.get("allow")?.split(", "), methods, path);
  }
});

row("openapi", "every reference leads somewhere", async (mesh) => {
  const document = await description(mesh);
  const { schemas } = document.components;
  const found = references(document);
  equal(found.length > 20, true);
  for (const reference of found) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1] ?? "";
    equal(Object.hasOwn(schemas, name), true, reference);
  }
});

row("openapi", "a route is described as it is declared", async (mesh) => {
  const { openapi, paths, components } = await description(mesh);
  equal(openapi, "3.1.0");
  const { post } = paths["/heartbeat"] ?? {};
  deepEqual(post.requestBody.content["application/json"].schema, {
    $ref: "#/components/schemas/Registration",
  });
  equal(components.schemas["Registration"].properties.tools !== undefined, true);
  deepEqual(paths["/agents/{id}"]?.["delete"].parameters, [
    { name: "id", in: "path", required: true, schema: { type: "string" } },
  ]);
  deepEqual(paths["/agents"]?.["get"].parameters.slice(3, 6), [
    {
      name: "capabilities",
      in: "query",
      description: "Agents that offer any of these",
      schema: { type: "array", items: { type: "string" } },
    },
    {
      name: "fuzzy",
      in: "query",
      description: "Compare capabilities as parts, without case",
      schema: { type: "boolean" },
    },
    {
      name: "limit",
      in: "query",
      description: "How many at most, up to 1000; all without it",
      schema: { type: "integer" },
    },
  ]);
  deepEqual(paths["/agents"]?.["get"].responses["400"].content["application/json"].schema, {
    anyOf: [
      { $ref: "#/components/schemas/BadParameter" },
      { $ref: "#/components/schemas/Problem" },
    ],
  });
  deepEqual(paths["/admin/drain"]?.["post"].security, [{ adminToken: [] }, {}]);
  const either = [{ mcpToken: [] }, { adminToken: [] }, {}];
  deepEqual(paths["/mcp"]?.["post"].security, either);
  deepEqual(paths["/proxy/{target}"]?.["get"].security, either);
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
  for (const [path, operations] of Object.entries((await description(mesh)).paths)) {
    for (const method of Object.keys(operations)) {
      equal(page.includes(`${method}</span> ${path}</code>`), true, `${method} ${path}`);
    }
  }
  match(page, /<section id="Registration">/);
  match(page, /<a href="#Registration"><code>Registration<\/code><\/a>/);
  doesNotMatch(page, /<script|<link|<img|src=|href="(?!#|openapi\.json)/);
  for (const [, name] of page.matchAll(/href="#(\w+)"/g)) {
    equal(page.includes(`id="${name}"`), true, `${name}`);
  }
});
