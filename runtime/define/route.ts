/**
 * Routes: what a gateway answers under a path, typed from its pattern and from zod schemas.
 *
 * @module
 */
import type * as z from "zod";
import { checkDeclaration } from "./check/check.ts";
import type { DependencyDefinitions, Injected } from "./dependency.ts";
import type { CallContext, Declared } from "./handler_context.ts";
import type { PathParams } from "./route_pattern.ts";
import { quantity, text } from "./check/kind.ts";
import { objectSchema, QUERY, READ, schema } from "./check/schema_kind.ts";
import { shape } from "./check/shape.ts";
import { dependencies } from "./check/parts.ts";

/** The definition of `route()`. */
const ROUTE = shape<RouteDefinition<z.ZodType, z.ZodObject, DependencyDefinitions>>(
  "a route",
  {
    description: text,
    body: schema(READ),
    query: objectSchema(QUERY, "z.object({ page: z.coerce.number() })"),
    dependencies,
    maxBodyBytes: quantity,
  },
);

/** What a route says about itself. */
export interface RouteDefinition<
  B extends z.ZodType,
  Q extends z.ZodObject,
  Ds extends DependencyDefinitions,
> {
  /** What it does, for people. */
  readonly description?: string;
  /**
   * What the body must be: JSON that fits this schema. Anything else is refused, and told which
   * fields do not fit.
   *
   * @default the handler reads the body of `request` itself
   */
  readonly body?: B;
  /**
   * What the query must be. Values are strings, lists of strings for fields that are arrays.
   *
   * @default anything, as `URLSearchParams`
   */
  readonly query?: Q;
  /** What it needs from agents. */
  readonly dependencies?: Declared<Ds>;
  /**
   * Largest request body, in bytes; a larger one is refused.
   *
   * @default the gateway's
   */
  readonly maxBodyBytes?: number;
}

/** A request as a route's handler gets it. */
export interface RouteRequest<
  P extends string = string,
  B = undefined,
  Q = URLSearchParams,
> {
  /** The parameters of the path, percent-decoded. */
  readonly params: PathParams<P>;
  /** The body, as the route's schema read it. */
  readonly body: B;
  /** The query, as the route's schema read it. */
  readonly query: Q;
  /** The request itself. Its body can be read here too, whatever `body` is. */
  readonly request: Request;
}

/** What a route's handler gets beside the request: its dependencies, and what every handler gets. */
export type RouteContext<Ds extends DependencyDefinitions = Record<never, never>> =
  & CallContext
  & Injected<Ds>;

/**
 * What a route does. A `Response` is sent as it is, an async iterable as Server-Sent Events (see
 * `sse`), nothing at all as 204, and any other value as JSON.
 */
export type RouteHandler<
  P extends string = string,
  B = undefined,
  Q = URLSearchParams,
  Ds extends DependencyDefinitions = Record<never, never>,
> = (request: RouteRequest<P, B, Q>, context: RouteContext<Ds>) => unknown;

/** The body a handler gets for a schema, or for none. */
export type RouteBody<B extends z.ZodType> = z.ZodType extends B ? undefined : z.output<B>;
/** The query a handler gets for a schema, or for none. */
export type RouteQuery<Q extends z.ZodObject> = z.ZodObject extends Q ? URLSearchParams
  : z.output<Q>;

/** A handler with its types erased: called with a request and a context that its declaration fits. */
export type ErasedRouteHandler = (
  request: RouteRequest<string, unknown, unknown>,
  context: CallContext & Record<string, unknown>,
) => unknown;

/** A declared route. Made by {@linkcode route}, given to `gateway()` under its pattern. */
export interface Route<P extends string = string> {
  readonly description: string;
  readonly body: z.ZodType | undefined;
  readonly query: z.ZodObject | undefined;
  readonly dependencies: DependencyDefinitions;
  readonly maxBodyBytes: number | undefined;
  readonly handler: ErasedRouteHandler;
  /** Only for the compiler: the pattern its handler was typed by. */
  readonly pattern?: (pattern: P) => void;
}

/**
 * Declares a route. Inside `gateway({ routes: { "GET /cities/:city": route(…) } })` the pattern types
 * `params`.
 *
 * @param definition What it takes and needs.
 * @param handler What it does.
 * @throws {MeshError} `bad_definition` that says what is wrong with it, and where.
 *
 * @example
 * ```ts
 * import { gateway, route } from "mesh";
 * import { z } from "zod";
 *
 * export default gateway({
 *   name: "weather-gateway",
 *   routes: {
 *     "GET /cities/:city": route({
 *       dependencies: {
 *         weather: { capability: "weather_forecast", output: z.string(), required: true },
 *       },
 *     }, async ({ params }, { weather }) => ({ weather: await weather({ city: params.city }) })),
 *   },
 * });
 * ```
 */
export function route<
  P extends string,
  B extends z.ZodType = z.ZodType,
  Q extends z.ZodObject = z.ZodObject,
  const Ds extends DependencyDefinitions = Record<never, never>,
>(
  definition: RouteDefinition<B, Q, Ds>,
  handler: RouteHandler<P, RouteBody<B>, RouteQuery<Q>, Ds>,
): Route<P> {
  checkDeclaration(ROUTE, "route", definition, handler);
  const dependencies: DependencyDefinitions = definition.dependencies ?? {};
  return {
    description: definition.description ?? "",
    body: definition.body,
    query: definition.query,
    dependencies,
    maxBodyBytes: definition.maxBodyBytes,
    // Only called with what the schemas parsed and a context built from `dependencies`.
    handler: handler as unknown as ErasedRouteHandler,
  };
}
