/**
 * `GET /openapi.json` and `GET /docs`: the registry describes itself.
 *
 * @module
 */
import type { Hono } from "hono";
import { DOCS_POLICY, docsPage } from "../describe/docs_page.ts";
import { openApiDocument } from "../describe/openapi.ts";
import { fixedDocument } from "../http/fixed_document.ts";
import { resource } from "./resource.ts";

/** Adds the routes. */
export function docsRoutes(app: Hono): void {
  resource(app, "/openapi.json", {
    GET: fixedDocument(() => JSON.stringify(openApiDocument()), {
      "content-type": "application/json",
    }),
  });
  resource(app, "/docs", {
    GET: fixedDocument(docsPage, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": DOCS_POLICY,
      "x-content-type-options": "nosniff",
    }),
  });
}
