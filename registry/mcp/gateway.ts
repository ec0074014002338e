/**
 * The mesh as one MCP server over HTTP, stateless, in both eras of the protocol. Plain requests for
 * tools are answered here, because the SDK builds a server for each and takes out of results what it
 * does not know; the rest is the SDK's.
 *
 * @module
 */
import type { McpHttpHandler } from "@modelcontextprotocol/server";
import { isObject } from "../../runtime/base/json.ts";
import type { Bodies } from "../http/body.ts";
import type { Members } from "../directory/members.ts";
import { tooDeep } from "../../runtime/base/deep_message.ts";
import { problem } from "../http/problem.ts";
import { Streams } from "../base/streams.ts";
import { VERSION } from "../base/version.ts";
import { answerForm, inForm, withUsualAccept } from "../../runtime/base/answer_form.ts";
import { accepts } from "../../runtime/base/media_range.ts";
import { withIntegerIds } from "../../runtime/base/large_ids.ts";
import { readBySdk } from "../../runtime/base/sdk_body.ts";
import { soundRequest } from "../../runtime/base/sound_request.ts";
import { answer, type CallOrigin, listAnswer } from "./answer.ts";
import { Cancellation, withSession } from "./cancellation.ts";
import { mayBeInexact, parseExact } from "../../runtime/base/exact_json.ts";
import { type PlainRequest, plainRequest } from "./protocol_era.ts";
import { Recent } from "./recent.ts";
import { sdkHandler } from "./sdk_handler.ts";
import type { CallMessages, ToolCalls } from "./tool_call.ts";
import { ToolChanges } from "./tool_changes.ts";
import { ToolTexts } from "./tool_listing.ts";
import { ToolSearch } from "./tool_search.ts";
import { CurrentCatalog, View } from "./view.ts";
import type { ViewQuery } from "./view_query.ts";
import { ViewTools } from "./view_tools.ts";

/** What {@linkcode McpGateway} needs. */
export interface McpGatewayOptions {
  readonly members: Members;
  readonly bodies: Bodies;
  readonly calls: ToolCalls;
  /** Takes one line about something an operator should know. */
  readonly log: (line: string) => void;
  /** Aborts when no more streams are wanted. */
  readonly closing: AbortSignal;
  /** Called when the first client listens, and when the last of them stops. */
  readonly onBusy: (busy: boolean) => void;
}

/** Clients that are told of changed tools at a time, in each era. */
export const LISTENERS_MAX = 256;
/** Views, and catalogs of namespaces, that are kept. */
const KEPT_MAX = 128;
/** When to come back after a 503, seconds. */
const RETRY_AFTER = { call: "1", stream: "10" };

const SERVER_INFO = { name: "mesh", title: "Deno Mesh", version: VERSION };
const INSTRUCTIONS = {
  tools: "The tools of a mesh of agents. A name such as agent__tool says whose tool it is, where " +
    "several agents offer one of that name.",
  search:
    "A mesh of agents with more tools than are listed. Find them with search_tools, see with " +
    "describe_tool what one takes, and call it with call_tool.",
};
const LIST_CHANGED = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };

/** One view as it is served. */
interface Served {
  readonly view: View;
  readonly tools: ViewTools;
  readonly sdk: McpHttpHandler;
}

/** Serves the mesh. */
export class McpGateway {
  readonly #options: McpGatewayOptions;
  readonly #changes: ToolChanges;
  /** Event streams of clients of the older era. */
  readonly #streams: Streams;
  readonly #catalogs = new Recent<CurrentCatalog>(KEPT_MAX);
  readonly #served = new Recent<Served>(KEPT_MAX, ({ view }) => this.#changes.isWatched(view));
  readonly #texts = new ToolTexts();
  readonly #search = new ToolSearch();
  readonly #cancellation = new Cancellation();

  constructor(options: McpGatewayOptions) {
    const { members, log, closing, onBusy } = options;
    this.#options = options;
    this.#changes = new ToolChanges({
      onAdvance: (listener) => members.replica.onAdvance(listener),
      onBusy,
      log,
    });
    this.#streams = new Streams({ limit: LISTENERS_MAX });
    closing.addEventListener("abort", () => {
      this.#streams.end();
      for (const { sdk } of this.#served.values()) void sdk.close();
    }, { once: true });
  }

  /**
   * Answers one request.
   *
   * @param namespace Only agents of this one; `undefined` for all.
   */
  async fetch(
    request: Request,
    namespace: string | undefined,
    query: ViewQuery,
  ): Promise<Response> {
    const served = this.#view(namespace, query);
    await this.#options.members.observe();
    return request.method === "GET"
      ? this.#eventStream(request, served.tools)
      : await this.#post(request, served);
  }

  #view(namespace: string | undefined, query: ViewQuery): Served {
    const place = JSON.stringify(namespace ?? null);
    return this.#served.get(`${place} ${query.key}`, () => {
      const { members: { snapshot }, calls } = this.#options;
      const catalog = this.#catalogs.get(place, () => new CurrentCatalog(snapshot, namespace));
      const view = new View({ query, catalog, texts: this.#texts, search: this.#search });
      const tools = new ViewTools({ view, calls, changes: this.#changes });
      const instructions = query.search ? INSTRUCTIONS.search : INSTRUCTIONS.tools;
      return { view, tools, sdk: sdkHandler(tools, { serverInfo: SERVER_INFO, instructions }) };
    });
  }

  /** Tells clients of the older era of changes (MCP transports, listening for messages). */
  #eventStream(request: Request, tools: ViewTools): Response {
    if (!accepts(request.headers.get("accept"), "text/event-stream")) {
      return problem(406, "GET /mcp is an event stream; ask for it with Accept: text/event-stream");
    }
    return this.#streams.open((channel) => {
      const stop = tools.onChange(() => channel.repeat({ event: "message", data: LIST_CHANGED }));
      channel.closed.addEventListener("abort", stop, { once: true });
    }) ?? tooManyListeners();
  }

  async #post(request: Request, { tools, sdk }: Served): Promise<Response> {
    const bytes = await this.#options.bodies.read(request);
    if (bytes instanceof Response) return bytes;
    const text = new TextDecoder().decode(bytes);
    let body: unknown;
    try {
      body = soundRequest(parseExact(text));
    } catch (error) {
      if (error instanceof RangeError) return tooDeep(text);
      // The SDK says what is wrong with it.
    }
    const plain = plainRequest(request.headers, body);
    const answered = plain && await this.#plain(request, plain, tools);
    if (answered !== undefined) return answered;
    if (this.#options.closing.aborted) return problem(503, "the registry is stopping");
    if (body === undefined) return await sdk.fetch(forSdk(request, text));
    const method = isObject(body) ? body["method"] : undefined;
    if (isObject(body)) this.#cancellation.heed(request.headers, body);
    if (method === "subscriptions/listen") {
      if (this.#changes.size - this.#streams.size >= LISTENERS_MAX) return tooManyListeners();
    }
    const bySdk = await sdk.fetch(forSdk(request), { parsedBody: readBySdk(body) });
    const whole = mayBeInexact(text) ? withIntegerIds(bySdk) : bySdk;
    // A subscription has no end to wait for.
    const form = method === "subscriptions/listen"
      ? undefined
      : answerForm(request.headers.get("accept"));
    const response = await inForm(whole, form, Array.isArray(body));
    return method === "initialize" ? withSession(response) : response;
  }

  /** Answers a plain request; `undefined` leaves it to the SDK. */
  async #plain(
    request: Request,
    plain: PlainRequest,
    tools: ViewTools,
  ): Promise<Response | undefined> {
    const { id, era, form } = plain;
    const origin: CallOrigin = { id, era, form, serverInfo: SERVER_INFO };
    if (plain.method === "tools/list") {
      const { cursor } = plain.params;
      const isCursor = cursor === undefined || typeof cursor === "string";
      const list = isCursor ? tools.list(cursor) : undefined;
      return list && listAnswer(list, origin);
    }
    if (!tools.has(plain.params)) await this.#lookAgain();
    const { calls } = this.#options;
    if (calls.isFull) {
      return problem(503, "as many calls are under way as may be; try again in a moment", {
        "Retry-After": RETRY_AFTER.call,
      });
    }
    const { params } = plain;
    const { headers } = request;
    const abandoned = new AbortController();
    const signal = AbortSignal.any([request.signal, abandoned.signal]);
    const messages = tools.call({ params, era, headers, signal });
    if (messages === undefined) return undefined;
    const over = this.#cancellation.begin(headers, id, abandoned);
    return await answer(followedBy(messages, over), origin, () => abandoned.abort());
  }

  /** Another instance may know more. */
  async #lookAgain(): Promise<void> {
    try {
      await this.#options.members.follow();
    } catch (error) {
      this.#options.log(`could not look for changes: ${error}`);
    }
  }
}

async function* followedBy(messages: CallMessages, over: () => void): CallMessages {
  try {
    return yield* messages;
  } finally {
    over();
  }
}

function tooManyListeners(): Response {
  return problem(
    503,
    `no more than ${LISTENERS_MAX} clients are told of changed tools at a time; ` +
      "try again later, or do without",
    { "Retry-After": RETRY_AFTER.stream },
  );
}

/** Returns a request whose body has been read for the SDK, with the body if the SDK is to read it. */
function forSdk({ url, method, headers, signal }: Request, body?: string): Request {
  return new Request(url, {
    method,
    headers: withUsualAccept(headers),
    signal,
    ...(body !== undefined && { body }),
  });
}
