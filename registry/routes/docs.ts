/**
 * `GET /openapi.json` and `GET /docs`: the registry describes itself.
 *
 * @module
 */
import { DOCS_POLICY, docsPage } from "../describe/docs_page.ts";
import { openApiDocument } from "../describe/openapi.ts";
import { answered } from "../http/answered.ts";
import { type Route, route } from "./route.ts";

/**
 * Returns the routes. Their answers are made when they are first asked for.
 *
 * @param others All other routes there are.
 */
export function docsRoutes(others: readonly Route[]): readonly Route[] {
  let document: string | undefined;
  let page: string | undefined;
  const routes: readonly Route[] = [
    ...others,
    route({
      method: "GET",
      path: "/openapi.json",
      about: "This description",
      answers: { 200: { about: "OpenAPI 3.1", body: "application/json" } },
      handler: () => {
        document ??= JSON.stringify(openApiDocument(routes));
        return answered(200, document, { "content-type": "application/json" });
      },
    }),
    route({
      method: "GET",
      path: "/docs",
      about: "This description, to be read",
      answers: { 200: { about: "A page", body: "text/html" } },
      handler: () => {
        page ??= docsPage(routes);
        return answered(200, page, {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": DOCS_POLICY,
          "x-content-type-options": "nosniff",
        });
      },
    }),
  ];
  return routes.slice(others.length);
}
