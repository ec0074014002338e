/**
 * `GET /openapi.json` and `GET /docs`: the registry describes itself.
 *
 * @module
 */
import type { Hono } from "hono";
import { DOCS_POLICY, docsPage } from "../describe/docs_page.ts";
import { openApiDocument } from "../describe/openapi.ts";
import { resource } from "./resource.ts";

/** Adds the routes. What they answer is made when it is first asked for. */
export function docsRoutes(app: Hono): void {
  let document: string | undefined;
  let page: string | undefined;
  resource(app, "/openapi.json", {
    GET: () => {
      document ??= JSON.stringify(openApiDocument());
      return new Response(document, { headers: { "content-type": "application/json" } });
    },
  });
  resource(app, "/docs", {
    GET: () => {
      page ??= docsPage();
      return new Response(page, {
        headers: {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": DOCS_POLICY,
          "x-content-type-options": "nosniff",
        },
      });
    },
  });
}
