/**
 * A path and what each method does there; any other method is told which ones there are.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { MeasuredApp } from "../http/measured_app.ts";
import { problem } from "../http/problem.ts";

/** Methods the registry knows. */
export type Method = "GET" | "HEAD" | "POST" | "DELETE";

/** Answers one method of one path. */
export type Handler = (context: Context) => Response | Promise<Response>;

/**
 * Adds a path to the application.
 *
 * @param path In Hono's notation.
 * @param handlers What each method does; HEAD only exists where it is given.
 */
export function resource(
  app: Hono,
  path: string,
  handlers: Partial<Record<Method, Handler>>,
): void {
  const byMethod = new Map<string, Handler>(Object.entries(handlers));
  const allow = [...byMethod.keys()].join(", ");
  const time = app instanceof MeasuredApp ? app.timer(openPath(path)) : undefined;
  app.all(path, (context) => {
    const { method } = context.req;
    const handler = byMethod.get(method);
    if (handler === undefined) {
      return problem(405, `${method} is not possible here; use ${allow}`, { Allow: allow });
    }
    return time === undefined ? handler(context) : time(method, () => handler(context));
  });
}

/** A path of Hono's in OpenAPI's notation. */
export function openPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}").replace("/*", "/{target}");
}
