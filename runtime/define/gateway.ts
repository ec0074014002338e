/**
 * Gateways: web applications in front of the mesh. They answer HTTP with what agents do, and offer
 * nothing to the mesh themselves: a gateway has routes where an agent has tools.
 *
 * @module
 */
import { isObject } from "../base/json.ts";
import { checkDefinition, named } from "./check/check.ts";
import type { DependencyDefinitions } from "./dependency.ts";
import { MeshError } from "../base/errors.ts";
import type { Declared } from "./handler_context.ts";
import { Router } from "./router.ts";
import { dependencyManifests } from "./dependency_manifest.ts";
import { jsonSchema } from "./json_schema.ts";
import type { RouteManifest } from "./manifest.ts";
import {
  type ErasedRouteHandler,
  type Route,
  type RouteContext,
  type RouteHandler,
} from "./route.ts";
import { type RouteKey, routePattern } from "./route_pattern.ts";
import { type Servable, servable, type ServableDefinition } from "./servable.ts";
import { func, type Kind, quantity, record } from "./check/kind.ts";
import { shape } from "./check/shape.ts";
import { dependencies } from "./check/parts.ts";
import { SERVABLE } from "./servable.ts";
import { made } from "./check/made.ts";

const madeRoute = made("route", ["handler", "maxBodyBytes"]);
const routeOrHandler: Kind<unknown> = (value, place) => {
  if (typeof value !== "function") madeRoute(value, place);
};

/** The definition of `gateway()`. */
const GATEWAY = shape<GatewayDefinition<Record<never, never>, DependencyDefinitions>>(
  "a gateway",
  {
    ...SERVABLE,
    routes: record(routeOrHandler, '{ "GET /": () => … }'),
    fetch: func,
    dependencies,
    maxBodyBytes: quantity,
  },
  { required: ["name"] },
);

/** What a gateway says about itself. */
export interface GatewayDefinition<
  Routes extends Readonly<Record<string, unknown>>,
  Ds extends DependencyDefinitions,
> extends ServableDefinition {
  /**
   * What it answers, by method and path: `"POST /plan"`, `"GET /cities/:city"`, `"GET /files/:path*"`.
   * Of several that fit, plain text goes before a parameter; their order means nothing. A function
   * alone is a route that needs nothing.
   */
  readonly routes?: {
    readonly [P in keyof Routes & string]: string extends P ? Route | RouteHandler
      : P extends RouteKey ? Route<P> | RouteHandler<P>
      : "write a route as a method and a path, such as GET /cities/:city";
  };
  /**
   * An application of your own (Hono, or any `fetch` handler), which answers whatever no route does.
   * Its second argument carries the dependencies.
   */
  readonly fetch?: (request: Request, context: RouteContext<Ds>) => Response | Promise<Response>;
  /** What `fetch` needs from agents. */
  readonly dependencies?: Declared<Ds>;
  /**
   * Largest request body, in bytes, unless a route has its own limit.
   *
   * @default 4 MiB
   */
  readonly maxBodyBytes?: number;
}

/** A declared gateway. It answers its routes, and the probes. */
export interface Gateway extends Servable {
  /** Its routes, by key. */
  readonly routes: ReadonlyMap<string, Route>;
}

/** The key of what answers whatever no route does. */
const FETCH = "fetch";
/** Largest request body, in bytes. */
const LARGEST_BODY = 4 * 1024 * 1024;

/**
 * Declares a gateway. Export it as default.
 *
 * @throws {MeshError} `bad_definition` that says what is wrong with it, and where, or that there is
 * neither a route nor `fetch`.
 *
 * @example
 * ```ts
 * import { gateway, route } from "mesh";
 * import { z } from "zod";
 *
 * export default gateway({
 *   name: "gateway",
 *   port: 8080,
 *   routes: {
 *     "POST /plan": route({
 *       body: z.object({ destination: z.string(), dates: z.string(), budget: z.string() }),
 *       dependencies: {
 *         planTrip: { capability: "trip_planning", output: z.string(), required: true },
 *       },
 *     }, async ({ body }, { planTrip }) => ({ result: await planTrip(body) })),
 *     "GET /health": () => ({ status: "healthy" }),
 *   },
 * });
 * ```
 */
export function gateway<
  Routes extends Readonly<Record<string, unknown>> = Record<never, never>,
  const Ds extends DependencyDefinitions = Record<never, never>,
>(definition: GatewayDefinition<Routes, Ds>): Gateway {
  checkDefinition(GATEWAY, named("gateway", definition), definition);
  const { name, maxBodyBytes } = definition;
  const routes = routesOf(definition);
  if (routes.size === 0) {
    throw new MeshError(
      "bad_definition",
      `gateway "${name}" answers nothing; give it routes, or fetch`,
    );
  }
  const manifests = [...routes].map(([key, route]) => routeManifest(key, route, maxBodyBytes));
  // Refuses routes that answer the same requests.
  new Router(manifests);
  return servable<Omit<Gateway, keyof Servable>>(definition, {
    properties: { routes },
    describe: () => ({ type: "api", routes: manifests }),
    listeners: new Set(),
  });
}

/** Whether `value` is a {@linkcode Gateway}, from this or another copy of the module. */
export function isGateway(value: unknown): value is Gateway {
  return isObject(value) && "manifest" in value && "routes" in value &&
    "serve" in value;
}

function routesOf<Ds extends DependencyDefinitions>(
  { routes = {}, fetch, dependencies = {} }: {
    readonly routes?: object;
    readonly fetch?: (request: Request, context: RouteContext<Ds>) => unknown;
    readonly dependencies?: DependencyDefinitions;
  },
): Map<string, Route> {
  // Each is only called with what its own pattern matched.
  const declared = Object.entries(routes) as [string, Route | ErasedRouteHandler][];
  const all = new Map(
    declared.map(([key, route]) => [key, typeof route === "function" ? plain(route) : route]),
  );
  if (fetch === undefined) return all;
  // Only called with a context built from `dependencies`.
  const rest: ErasedRouteHandler = ({ request }, context) =>
    fetch(request, context as unknown as RouteContext<Ds>);
  return all.set(FETCH, { ...plain(rest), dependencies });
}

function plain(handler: ErasedRouteHandler): Route {
  return {
    description: "",
    body: undefined,
    query: undefined,
    dependencies: {},
    maxBodyBytes: undefined,
    handler,
  };
}

function routeManifest(
  key: string,
  { description, body, dependencies, maxBodyBytes }: Route,
  largest = LARGEST_BODY,
): RouteManifest {
  return {
    key,
    pattern: key === FETCH ? undefined : routePattern(key),
    description,
    ...(body && { body: jsonSchema(body, "input", `body of ${key}`) }),
    // A manifest is plain data, which has no infinite numbers.
    maxBodyBytes: Math.min(maxBodyBytes ?? largest, Number.MAX_SAFE_INTEGER),
    dependencies: dependencyManifests(dependencies),
  };
}
