/**
 * How a route says which requests it answers: a method and a path, written as `URLPattern` writes
 * paths, as far as that goes: `GET /cities/:city`, and `:name*` at the end for whatever follows.
 *
 * @module
 */
import { MeshError } from "../base/errors.ts";

/** The parameter that a segment of a path binds. */
export type ParamOf<S extends string> = S extends `:${infer Name}*`
  ? { readonly [K in Name]: string }
  : S extends `:${infer Name}` ? { readonly [K in Name]: string }
  : unknown;

/** The parameters that the segments of a path bind. */
export type ParamsOf<Path extends string> = Path extends `${infer First}/${infer Rest}`
  ? ParamOf<First> & ParamsOf<Rest>
  : ParamOf<Path>;

/** The path parameters of a route declared as `P`, by name. */
export type PathParams<P extends string> = string extends P ? Readonly<Record<string, string>>
  : { readonly [K in keyof ParamsOf<P>]: string };

/** One segment of a path: text that is to be there, or a parameter. */
export type PatternSegment =
  | { readonly text: string }
  | {
    readonly param: string;
    /** Whether it takes all segments that are left. */
    readonly isRest: boolean;
  };

/** Which requests a route answers. */
export interface RoutePattern {
  readonly method: string;
  readonly segments: readonly PatternSegment[];
}

/** The methods a route can be of. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** The key of a route: a method and a path. */
export type RouteKey = `${typeof METHODS[number]} /${string}`;

const ROUTE = /^([A-Z]+) \/(\S*)$/;
const PARAM = /^:([A-Za-z_][A-Za-z0-9_]*)(\*?)$/;
/** What means something in a `URLPattern` and nothing here. */
const SPECIAL = /[:*?+(){}\\]/;

/**
 * Reads a pattern.
 *
 * @param text Such as `POST /plan` or `GET /files/:path*`.
 * @throws {MeshError} `bad_definition` when it is none.
 */
export function routePattern(text: string): RoutePattern {
  const refuse = (reason: string): never => {
    throw new MeshError(
      "bad_definition",
      `route ${JSON.stringify(text)} is not valid: ${reason}`,
    );
  };
  const [, method, path] = ROUTE.exec(text) ?? [];
  if (method === undefined || path === undefined) {
    return refuse('write it as a method and a path, such as "GET /cities/:city"');
  }
  if (!(METHODS as readonly string[]).includes(method)) {
    return refuse(
      `use one of the methods ${METHODS.join(", ")}; ` +
        "the gateway's `fetch` can answer others",
    );
  }
  const names = new Set<string>();
  const parts = path.split("/");
  const segments = parts.map((part, index): PatternSegment => {
    const [, param, star] = PARAM.exec(part) ?? [];
    if (param === undefined) {
      return SPECIAL.test(part)
        ? refuse(`"${part}" is neither plain text nor a parameter like ":name" or ":name*"`)
        : { text: part };
    }
    if (names.has(param)) return refuse(`it has two parameters ":${param}"`);
    names.add(param);
    const isRest = star === "*";
    if (isRest && index < parts.length - 1) return refuse(`":${param}*" must be its last segment`);
    return { param, isRest };
  });
  return { method, segments };
}
