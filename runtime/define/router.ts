/**
 * Finds the route of a request. Of several that fit, the one whose path is the most particular:
 * segment by segment, plain text goes before a parameter, and a parameter before whatever follows.
 *
 * @module
 */
import { MeshError } from "../base/errors.ts";
import type { RouteManifest } from "./manifest.ts";

/** The route of a request, and the values of its parameters. */
export interface RouteMatch {
  readonly route: RouteManifest;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * What was found: a route; or the methods that the path has routes for, none for a path that has no
 * route at all; or that the path cannot be read.
 */
export type Found = RouteMatch | { readonly allow: readonly string[] } | "malformed";

/** A route, and the names of its parameters in order. */
interface Leaf {
  readonly route: RouteManifest;
  readonly names: readonly string[];
}

/** What a path leads to, segment by segment. */
class Place {
  readonly texts = new Map<string, Place>();
  param: Place | undefined;
  rest: Place | undefined;
  /** Routes whose path ends here, by method. */
  readonly leaves = new Map<string, Leaf>();
}

const NO_PARAMS = {};
/** What a segment that is to be joined to others must not be, once it is decoded. */
const STRAYING = /^\.{1,2}$|[/\\\0]/;

/** The routes of one gateway. */
export class Router {
  readonly #root = new Place();
  /** The route that answers whatever no other does. */
  readonly #fallback: RouteManifest | undefined;

  /** @throws {MeshError} `bad_definition` when two routes answer the same requests. */
  constructor(routes: readonly RouteManifest[]) {
    for (const route of routes) this.#add(route);
    this.#fallback = routes.find(({ pattern }) => pattern === undefined);
  }

  /**
   * Finds the route of a request.
   *
   * @param path The path as it was sent, percent-encoded.
   */
  find(method: string, path: string): Found {
    const segments = decoded(path);
    if (segments === undefined) return "malformed";
    const search: Search = { segments, method, bound: [], allow: new Set(), strays: false };
    const leaf = find(this.#root, search, 0);
    if (leaf !== undefined) return { route: leaf.route, params: paramsOf(leaf, search.bound) };
    if (search.strays) return "malformed";
    return this.#fallback === undefined
      ? { allow: [...search.allow] }
      : { route: this.#fallback, params: NO_PARAMS };
  }

  #add(route: RouteManifest): void {
    if (route.pattern === undefined) return;
    const { method, segments } = route.pattern;
    let place = this.#root;
    for (const segment of segments) place = placeOf(place, segment);
    const other = place.leaves.get(method);
    if (other !== undefined) {
      throw new MeshError(
        "bad_definition",
        `routes "${other.route.key}" and "${route.key}" answer the same requests; remove one`,
      );
    }
    const names = segments.flatMap((segment) => "param" in segment ? segment.param : []);
    place.leaves.set(method, { route, names });
  }
}

type Segment = NonNullable<RouteManifest["pattern"]>["segments"][number];

function placeOf(at: Place, segment: Segment): Place {
  if ("param" in segment) {
    return segment.isRest ? at.rest ??= new Place() : at.param ??= new Place();
  }
  let place = at.texts.get(segment.text);
  if (place === undefined) at.texts.set(segment.text, place = new Place());
  return place;
}

/** What is looked for, and what is found out on the way. */
interface Search {
  readonly segments: readonly string[];
  readonly method: string;
  /** The values of the parameters so far, in order. */
  readonly bound: string[];
  /** The methods of places the path leads to. */
  readonly allow: Set<string>;
  /** Whether the rest of the path would lead out of where it is looked up. */
  strays: boolean;
}

function find(place: Place, search: Search, index: number): Leaf | undefined {
  const { segments, bound } = search;
  const segment = segments[index];
  if (segment === undefined) return here(place, search) ?? rest(place, search, index);
  const next = place.texts.get(segment);
  const exact = next && find(next, search, index + 1);
  if (exact !== undefined) return exact;
  // An empty segment is no value.
  if (place.param !== undefined && segment !== "") {
    bound.push(segment);
    const found = find(place.param, search, index + 1);
    if (found !== undefined) return found;
    bound.pop();
  }
  return rest(place, search, index);
}

function rest({ rest }: Place, search: Search, index: number): Leaf | undefined {
  if (rest === undefined) return undefined;
  const found = here(rest, search);
  if (found === undefined) return undefined;
  const left = search.segments.slice(index);
  if (left.some((segment) => STRAYING.test(segment))) {
    search.strays = true;
    return undefined;
  }
  search.bound.push(left.join("/"));
  return found;
}

function here({ leaves }: Place, { method, allow }: Search): Leaf | undefined {
  // What answers GET answers HEAD, without its body (RFC 9110 §9.3.2).
  const found = leaves.get(method) ?? (method === "HEAD" ? leaves.get("GET") : undefined);
  if (found === undefined) {
    for (const each of leaves.keys()) allow.add(each);
    if (leaves.has("GET")) allow.add("HEAD");
  }
  return found;
}

function paramsOf({ names }: Leaf, bound: readonly string[]): RouteMatch["params"] {
  return names.length === 0
    ? NO_PARAMS
    : Object.fromEntries(names.map((name, index) => [name, bound[index] ?? ""]));
}

/** The segments of a path, percent-decoded; `undefined` when they cannot be. */
function decoded(path: string): string[] | undefined {
  const segments = path.slice(1).split("/");
  if (!path.includes("%")) return segments;
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
