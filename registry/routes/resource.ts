/**
 * A path and what each method does there; any other method is told which ones there are.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { problem } from "../problem.ts";

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
  app.all(path, (context) => {
    const { method } = context.req;
    return byMethod.get(method)?.(context) ??
      problem(405, `${method} is not possible here; use ${allow}`, { Allow: allow });
  });
}
