/**
 * Sessions for clients of the 2025 era (MCP transports §session management), for agents that ask for
 * them: only within a session can a client of that era be asked questions, subscribe to resources, be
 * told of changes and get log lines. Requests without a session are served as everywhere. A session
 * lives in this process: replicas of such an agent need a router that keeps clients where they are.
 *
 * @module
 */
import {
  isInitializeRequest,
  type McpServer as SdkServer,
  readRequestBody,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { LARGEST_BODY, type ListChanges, type McpServer } from "./agent_server.ts";
import type { AgentMcp } from "./server.ts";

/** Most sessions at a time; with more, new ones are refused. */
const MOST_SESSIONS = 1_000;
/** A session that nobody has used for so long, with no stream open, ends. Milliseconds. */
const IDLE_MS = 30 * 60_000;
/** Between looks at who is idle, in milliseconds. */
const SWEEP_MS = 60_000;

interface Session {
  readonly server: SdkServer;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly subscriptions: Set<string>;
  /** Answers under way. */
  streams: number;
  /** When it was used last, in `performance.now()` time. */
  usedAt: number;
}

/**
 * Adds sessions to an agent's MCP face.
 *
 * @param mcp Makes the server of each.
 * @param rest Serves requests without a session.
 */
export function withSessions(mcp: AgentMcp, rest: McpServer): McpServer {
  const sessions = new Sessions(mcp);
  return {
    fetch: async (request, body) =>
      await sessions.fetch(request, body) ?? await rest.fetch(request, body),
    listsChanged(changed) {
      sessions.listsChanged(changed);
      rest.listsChanged(changed);
    },
    resourceUpdated(uri) {
      sessions.resourceUpdated(uri);
      rest.resourceUpdated(uri);
    },
    async close() {
      await Promise.all([sessions.close(), rest.close()]);
    },
  };
}

class Sessions {
  readonly #mcp: AgentMcp;
  readonly #sessions = new Map<string, Session>();
  #sweep: ReturnType<typeof setTimeout> | undefined;

  constructor(mcp: AgentMcp) {
    this.#mcp = mcp;
  }

  /** `undefined` for a request that is of no session and begins none. */
  async fetch(request: Request, body: unknown): Promise<Response | undefined> {
    const id = request.headers.get("mcp-session-id");
    if (id !== null) {
      const session = this.#sessions.get(id);
      return session === undefined
        ? refusal(404, "Session not found")
        : serve(session, request, body);
    }
    if (request.method !== "POST" || !await beginsSession(request, body)) return undefined;
    if (this.#sessions.size >= MOST_SESSIONS) {
      const response = refusal(503, `${MOST_SESSIONS} sessions are open, the most there may be`);
      response.headers.set("retry-after", "60");
      return response;
    }
    return await serve(await this.#begin(), request, body);
  }

  listsChanged({ tools, prompts, resources }: ListChanges): void {
    for (const { server: { server } } of this.#sessions.values()) {
      const can = server.getCapabilities();
      // A client that is gone is noticed by its transport.
      const ignored = () => {};
      if (tools && can.tools) void server.sendToolListChanged().catch(ignored);
      if (prompts && can.prompts) void server.sendPromptListChanged().catch(ignored);
      if (resources && can.resources) void server.sendResourceListChanged().catch(ignored);
    }
  }

  resourceUpdated(uri: string): void {
    for (const { server: { server }, subscriptions } of this.#sessions.values()) {
      if (subscriptions.has(uri)) void server.sendResourceUpdated({ uri }).catch(() => {});
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#sweep);
    const open = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(open.map(({ server }) => server.close()));
  }

  async #begin(): Promise<Session> {
    const subscriptions = new Set<string>();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => {
        this.#sessions.set(id, session);
        this.#sweep ??= setTimeout(() => this.#endIdle(), SWEEP_MS);
      },
      onsessionclosed: (id) => {
        this.#sessions.delete(id);
      },
      maxRequestBodySize: LARGEST_BODY,
    });
    const server = this.#mcp.server({ kind: "session", subscriptions });
    const session: Session = {
      server,
      transport,
      subscriptions,
      streams: 0,
      usedAt: performance.now(),
    };
    await server.connect(transport);
    return session;
  }

  #endIdle(): void {
    const idleSince = performance.now() - IDLE_MS;
    for (const [id, { server, streams, usedAt }] of this.#sessions) {
      if (streams > 0 || usedAt > idleSince) continue;
      this.#sessions.delete(id);
      void server.close();
    }
    this.#sweep = this.#sessions.size === 0
      ? undefined
      : setTimeout(() => this.#endIdle(), SWEEP_MS);
  }
}

/** Whether a request is the `initialize` of a client that wants a session. */
async function beginsSession(request: Request, read: unknown): Promise<boolean> {
  if (read !== undefined) return isInitializeRequest(read);
  const body = await readRequestBody(request.clone(), LARGEST_BODY);
  if (body.tooLarge) return false;
  try {
    return isInitializeRequest(JSON.parse(body.text));
  } catch {
    return false;
  }
}

async function serve(session: Session, request: Request, read: unknown): Promise<Response> {
  session.usedAt = performance.now();
  const options = read === undefined ? undefined : { parsedBody: read };
  const { body, status, headers } = await session.transport.handleRequest(request, options);
  if (body === null) return new Response(null, { status, headers });
  session.streams += 1;
  const over = () => {
    session.streams -= 1;
    session.usedAt = performance.now();
  };
  const watched = body.pipeThrough(new TransformStream({ flush: over, cancel: over }));
  return new Response(watched, { status, headers });
}

/** A refusal as JSON-RPC writes it; clients begin a new session after 404 (MCP transports). */
function refusal(status: number, message: string): Response {
  const error = { code: -32001, message };
  return Response.json({ jsonrpc: "2.0", error, id: null }, { status });
}
