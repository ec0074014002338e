/**
 * HTTP servers of tests that remember what arrived, go away and come back.
 *
 * @module
 */

/** A request that arrived, as it came. */
export interface Arrived {
  readonly verb: string;
  readonly headers: Headers;
  readonly message: {
    readonly id?: unknown;
    readonly method?: string;
    readonly params?: Record<string, unknown>;
  };
}

/** What a server offers, and what happened in it. */
export class ForeignState {
  /** Tools it lists. */
  readonly tools: Record<string, unknown>[];
  readonly arrived: Arrived[] = [];
  /** Tools that were begun, and tools that were given up. */
  readonly begun: string[] = [];
  readonly aborted: string[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(tools: readonly Record<string, unknown>[] = []) {
    this.tools = [...tools];
  }

  /** Resolves once a look at the state finds something. */
  async until(found: () => boolean): Promise<void> {
    while (!found()) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Something happened. */
  changed(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const look of waiting) look();
  }

  /** Every argument of every call that arrived. */
  get calls(): unknown[] {
    return this.arrived.flatMap(({ message }) =>
      message.method === "tools/call" ? [message.params?.["arguments"]] : []
    );
  }
}

/** A server that can go away and come back at the same address. */
export interface Foreign extends AsyncDisposable {
  readonly url: string;
  readonly state: ForeignState;
  /** Ends it with everything that is under way. */
  stop(): Promise<void>;
  /** Brings it back, with nothing remembered. */
  start(): void;
  toolsChanged(): Promise<void>;
  noteChanged(): Promise<void>;
}

/** How a kind of server answers and tells of changes. */
export interface ForeignKind {
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
  toolsChanged(): Promise<void>;
  noteChanged(): Promise<void>;
}

/** Starts a server whose every answer is given by `answer`. */
export function scriptedServer(
  answer: (request: Request, message: Arrived["message"]) => Response | Promise<Response>,
): Foreign {
  const nothing = () => Promise.resolve();
  const state = new ForeignState();
  return httpServer(state, () => ({
    fetch: async (request) => {
      return await answer(request, await messageOf(request));
    },
    close: nothing,
    toolsChanged: nothing,
    noteChanged: nothing,
  }));
}

/** The MCP message of a request that is one. */
async function messageOf(request: Request): Promise<Arrived["message"]> {
  const isJson = request.headers.get("content-type")?.startsWith("application/json") ?? false;
  return isJson ? await request.clone().json() : {};
}

/** What streams ends in the middle when the server goes away. */
function cutOff(body: ReadableStream<Uint8Array> | null, signal: AbortSignal) {
  return body?.pipeThrough(
    new TransformStream({
      start: (controller) => signal.addEventListener("abort", () => controller.terminate()),
    }),
  ) ?? null;
}

/** How a server treats its connections. */
export interface HttpServerOptions {
  /**
   * Whether a connection serves one request: a client that calls again in the very moment of a restart
   * would else do so over one that it has not seen end.
   *
   * @default false
   */
  readonly closes?: boolean;
}

/** Serves a kind of server, made anew whenever it comes back. */
export function httpServer(
  state: ForeignState,
  make: () => ForeignKind,
  { closes = false }: HttpServerOptions = {},
): Foreign {
  let kind = make();
  let abort: AbortController;
  let server: Deno.HttpServer<Deno.NetAddr>;
  let port = 0;
  const start = () => {
    kind = make();
    abort = new AbortController();
    server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, async (request) => {
      const { method: verb, headers } = request;
      state.arrived.push({ verb, headers, message: await messageOf(request) });
      state.changed();
      const answered = kind.fetch(request);
      const gone = new Promise<Response>((resolve) => {
        abort.signal.addEventListener("abort", () => resolve(new Response(null, { status: 502 })));
      });
      const response = await Promise.race([answered, gone]);
      const answer = new Response(cutOff(response.body, abort.signal), response);
      if (closes) answer.headers.set("connection", "close");
      return answer;
    });
    port = server.addr.port;
  };
  start();
  const stop = async () => {
    abort.abort();
    await kind.close();
    await server.shutdown();
  };
  return {
    get url() {
      return `http://127.0.0.1:${port}/mcp`;
    },
    state,
    start,
    stop,
    toolsChanged: () => kind.toolsChanged(),
    noteChanged: () => kind.noteChanged(),
    [Symbol.asyncDispose]: stop,
  };
}
