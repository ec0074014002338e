/**
 * `GET /openapi.json` and `GET /docs`: the registry describes itself.
 *
 * @module
 */
import { DOCS_POLICY, docsPage } from "../describe/docs_page.ts";
import { openApiDocument } from "../describe/openapi.ts";
import type { Answered } from "../http/answered.ts";
import { fixedDocument } from "../http/fixed_document.ts";
import { type Route, route } from "./route.ts";

const held = { about: "The client has it: its tag is in If-None-Match" };

/**
 * Returns the routes. Their answers are made when they are first asked for.
 *
 * @param others All other routes there are.
 */
export function docsRoutes(others: readonly Route[]): readonly Route[] {
  const document = fixedDocument(() => JSON.stringify(openApiDocument(routes)), {
    "content-type": "application/json",
  });
  const page = fixedDocument(() => docsPage(routes), {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": DOCS_POLICY,
    "x-content-type-options": "nosniff",
  });
  const routes: readonly Route[] = [
    ...others,
    route({
      method: "GET",
      path: "/openapi.json",
      about: "This description",
      answers: { 200: { about: "OpenAPI 3.1", body: "application/json" }, 304: held },
      handler: ({ request }): Promise<Answered<200 | 304>> => document(request.headers),
    }),
    route({
      method: "GET",
      path: "/docs",
      about: "This description, to be read",
      answers: { 200: { about: "A page", body: "text/html" }, 304: held },
      handler: ({ request }): Promise<Answered<200 | 304>> => page(request.headers),
    }),
  ];
  return routes.slice(others.length);
}
