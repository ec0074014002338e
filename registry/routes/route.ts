/**
 * The routes of the registry, each declared once: the declaration reads and checks a request, gives
 * the handler its types, and is what the registry's description of itself is made from.
 *
 * @module
 */
import type { Context } from "hono";
import {
  type Fault,
  type Parameter,
  type QueryParameters,
  readParameters,
  type Values,
} from "../base/parameter.ts";
import { type Answers, documentedPath, type Operation, refused } from "../describe/operation.ts";
import type { Message, SchemaName } from "../describe/openapi_schemas.ts";
import { type Answered, answeredJson } from "../http/answered.ts";
import type { Bodies, BodyRefusal } from "../http/body.ts";
import type { MeasuredApp } from "../http/measured_app.ts";
import type { Peer } from "../http/peer.ts";
import { badParameter, problem } from "../http/problem.ts";

/** A route as the application serves it. */
export interface Route extends Operation {
  /** Answers one request. */
  readonly answer: (context: Context) => Response | Promise<Response>;
}

/** The body of a request that is received whole before the handler is called. */
export interface Receiving<Body> {
  readonly bodies: Bodies;
  /** Bytes it may have. @default those of {@linkcode Bodies} */
  readonly max?: number;
  /** Reads a body, or says why it cannot be read. */
  read(bytes: Uint8Array): Body | { readonly fault: string };
}

/** A request, read as its route declares it. */
export interface Asked<
  Path extends string,
  Query extends QueryParameters,
  Body,
  Given extends Answers,
> {
  readonly request: Request;
  readonly peer: Peer;
  /** The varying segments of the path. */
  readonly path: { readonly [Name in SegmentOf<Path>]: string };
  readonly query: Values<Query>;
  readonly body: Exclude<Body, { readonly fault: string }>;
  /** Returns an answer in JSON, of the schema that the route declares for its status. */
  readonly json: <const Status extends keyof Given & number>(
    status: Status,
    value: MessageOf<Given[Status]>,
    headers?: HeadersInit,
  ) => Answered<Status>;
}

/** Options for {@linkcode route}. */
export interface Declaration<
  Path extends string,
  Query extends QueryParameters,
  Body,
  Given extends Answers,
  Refusal extends number,
> extends Omit<Operation, "path" | "query" | "answers"> {
  readonly path: Path;
  readonly query?: Query;
  /** The answers there are: of the handler, and of everything that is checked before it is called. */
  readonly answers: Given & Answers & Record<Refusal | Unread<Query> | Unreceived<Body>, unknown>;
  /** Refuses requests before anything of them is read. */
  readonly guard?: (request: Request, peer: Peer) => Answered<Refusal> | undefined;
  /** Receives the body; without it the handler may. */
  readonly receive?: Receiving<Body>;
  readonly handler: (
    asked: Asked<Path, Query, Body, NoInfer<Given>>,
  ) => Answered<keyof NoInfer<Given> & number> | Promise<Answered<keyof NoInfer<Given> & number>>;
}

/** The names of the varying segments of a path. */
type SegmentOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `+${string}` ? never : Name) | SegmentOf<Rest>
  : never;

/** The value that a declared answer has. */
type MessageOf<Declared> = Declared extends { readonly body: infer Body extends SchemaName }
  ? Message<Body>
  : Declared extends { readonly body: "application/json" } ? unknown
  : never;

/** The status of a query that cannot be read, where it can be such. */
type Unread<Query extends QueryParameters> = Fault extends ReturnType<Query[keyof Query]["read"]>
  ? 400
  : never;

/** The statuses of a body that is not received or cannot be read. */
type Unreceived<Body> = [Body] extends [undefined] ? never : BodyRefusal;

/** The answers of routes that receive a body, besides those to what it says. */
export const NOT_RECEIVED = {
  408: refused("The body does not arrive in time"),
  413: refused("The body is too large"),
} as const;

/** No parameters. */
type None = Readonly<Record<never, Parameter<never>>>;

/** Returns the route of a declaration. */
export function route<
  const Path extends string,
  const Given extends Answers,
  Query extends QueryParameters = None,
  Body = undefined,
  Refusal extends number = never,
>(declared: Declaration<Path, Query, Body, Given, Refusal>): Route {
  const { guard, receive, handler, ...operation } = declared;
  const { path, query } = operation;
  const segments = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  /** Calls the handler with what has been read, which is what the same declaration types it as. */
  const call = (asked: Record<keyof Asked<Path, Query, Body, Given>, unknown>) =>
    handler(asked as Asked<Path, Query, Body, Given>);
  return {
    ...operation,
    answer: (context) => {
      const { raw: request } = context.req;
      // The application is only ever given a Peer; see createApp.
      const peer = context.env as Peer;
      const refusal = guard?.(request, peer);
      if (refusal !== undefined) return refusal;
      const read = query && readParameters(query, new URL(request.url).searchParams);
      if (read !== undefined && "fault" in read) return badParameter(read);
      const asked = {
        request,
        peer,
        path: Object.fromEntries(segments.map((name) => [name, context.req.param(name) ?? ""])),
        query: read?.values,
        body: undefined,
        json: answeredJson,
      };
      if (receive === undefined) return call(asked);
      return received(request, receive).then((body) =>
        body instanceof Response ? body : call({ ...asked, body })
      );
    },
  };
}

async function received<Body>(
  request: Request,
  { bodies, max, read }: Receiving<Body>,
): Promise<Body | Answered<BodyRefusal>> {
  const bytes = await bodies.read(request, max);
  if (bytes instanceof Response) return bytes;
  const body = read(bytes);
  return isFault(body) ? problem(400, body.fault) : body;
}

function isFault(body: unknown): body is { readonly fault: string } {
  return typeof body === "object" && body !== null && "fault" in body;
}

/**
 * Adds routes to the application. Any other method of a path is refused with those there are; a path
 * that varies takes what no other does.
 */
export function mount(app: MeasuredApp, routes: readonly Route[]): void {
  const paths = [...Map.groupBy(routes, ({ path }) => path)];
  const varying = ([path]: [string, Route[]]) => path.includes("{") ? 1 : 0;
  for (const [path, here] of paths.sort((a, b) => varying(a) - varying(b))) {
    const byMethod = new Map<string, Route>(here.map((route) => [route.method, route]));
    const allow = [...byMethod.keys()].join(", ");
    const time = app.timer(documentedPath(path));
    app.all(routerPath(path), (context) => {
      const { method } = context.req;
      const route = byMethod.get(method);
      if (route === undefined) {
        return problem(405, `${method} is not possible here; use ${allow}`, { Allow: allow });
      }
      return time(method, () => route.answer(context));
    });
  }
}

/** Returns a path as the router writes it. */
function routerPath(path: string): string {
  return path.replace(/\{\+\w+\}/, "*").replaceAll(/\{(\w+)\}/g, ":$1");
}
