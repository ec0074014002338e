/**
 * MCP servers that are no agents of the mesh, over HTTP: one that speaks 2026-07-28, and one that
 * speaks 2025-11-25 and keeps sessions. Both offer the same.
 *
 * @module
 */
import {
  createMcpHandler,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import {
  type Foreign,
  type ForeignKind,
  ForeignState,
  httpServer,
  type HttpServerOptions,
} from "./foreign_http_fixture.ts";

/** A tool with all a tool may say. */
export const VERBATIM = {
  name: "verbatim",
  title: "Word for word",
  description: "Says what it was told",
  inputSchema: {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    properties: { text: { type: "string", "x-widget": "textarea" } },
    required: ["text"],
    additionalProperties: false,
  },
  outputSchema: { type: "object", properties: { said: { type: "string" } }, "x-own": 1 },
  annotations: { readOnlyHint: true, title: "V", "x-hint": true },
  icons: [{ src: "data:image/png;base64,AA==", mimeType: "image/png" }],
  _meta: { "example.com/kept": [1] },
};

const TOOLS: Record<string, unknown>[] = [
  VERBATIM,
  ...["slow", "fails", "refuses", "asks", "logs"].map((name) => ({
    name,
    inputSchema: { type: "object" },
  })),
];

/** What `verbatim` answers. */
export const ANSWER = {
  content: [
    { type: "text", text: "said", annotations: { audience: ["user"] } },
    { type: "image", data: "iVBORw0KGgo=", mimeType: "image/png" },
    { type: "audio", data: "UklGRg==", mimeType: "audio/wav" },
    { type: "resource_link", uri: "note://1", name: "one" },
    { type: "resource", resource: { uri: "note://1", text: "first" } },
  ],
  structuredContent: { said: "it" },
  "x-result": true,
  _meta: { "example.com/kept": "yes" },
};

function newServer(state: ForeignState): Server {
  const server = new Server({ name: "foreign", version: "3.1.4" }, {
    capabilities: {
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      completions: {},
      logging: {},
    },
    instructions: "Speak slowly.",
  });
  server.setRequestHandler("tools/list", ({ params }) => {
    // One tool a page.
    const index = Number(params?.cursor ?? 0);
    const more = index + 1 < state.tools.length ? { nextCursor: String(index + 1) } : {};
    return { tools: state.tools.slice(index, index + 1) as [], ...more };
  });
  server.setRequestHandler("tools/call", ({ params }, context) => call(params, context, state));
  server.setRequestHandler("prompts/list", () => ({
    prompts: [{
      name: "greet",
      title: "Greeting",
      arguments: [{ name: "who", description: "Whom", required: true }, { name: "how" }],
    }],
  }));
  server.setRequestHandler("prompts/get", ({ params }) => ({
    messages: [{
      role: "user" as const,
      content: { type: "text" as const, text: `Greet ${JSON.stringify(params.arguments)}` },
    }],
  }));
  server.setRequestHandler("resources/list", () => ({
    resources: [{ uri: "note://1", name: "First note!", mimeType: "text/x-note" }],
  }));
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: [{ uriTemplate: "note://{id}", name: "note" }],
  }));
  server.setRequestHandler("resources/read", ({ params: { uri } }) => ({
    contents: [{ uri, mimeType: "text/x-note", text: `what is in ${uri}` }],
  }));
  server.setRequestHandler("resources/subscribe", () => ({}));
  server.setRequestHandler("resources/unsubscribe", () => ({}));
  server.setRequestHandler("completion/complete", ({ params: { ref, argument } }) => ({
    completion: { values: [`${ref.type} ${argument.name}=${argument.value}!`] },
  }));
  return server;
}

async function call(
  { name, arguments: args = {} }: {
    name: string;
    arguments?: Record<string, unknown> | undefined;
  },
  { mcpReq }: ServerContext,
  state: ForeignState,
): Promise<Record<string, unknown> & { content: [] }> {
  state.begun.push(name);
  state.changed();
  switch (name) {
    case "slow":
      return await slow(mcpReq, state) as unknown as { content: [] };
    case "logs":
      // All who log do it at the same time.
      await state.until(() =>
        state.begun.filter((begun) => begun === name).length >= Number(args["together"] ?? 1)
      );
      await mcpReq.log("info", `about ${args["of"]}`);
      await mcpReq.log("critical", { about: args["of"] });
      return { content: [{ type: "text", text: "logged" }] } as never;
    case "fails":
      return { content: [{ type: "text", text: "out of ink" }], isError: true } as never;
    case "refuses":
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, "not on Sundays");
    case "asks": {
      const [answer] = Object.values(mcpReq.inputResponses ?? {});
      if (answer !== undefined) {
        const text = JSON.stringify([args["of"], answer, mcpReq.requestState()]);
        return { content: [{ type: "text", text }] } as never;
      }
      return inputRequired({
        requestState: `begun ${state.begun.length}`,
        inputRequests: {
          // Never the same key: whoever begins again has no answer for what is asked then.
          [crypto.randomUUID()]: inputRequired.elicit({
            message: `Sure of ${args["of"]}?`,
            requestedSchema: { type: "object", properties: { ok: { type: "boolean" } } },
          }),
        },
      }) as never;
    }
    default:
      return ANSWER as unknown as { content: [] };
  }
}

/** Reports progress, which once goes back, then does nothing until it is given up. */
async function slow(mcpReq: ServerContext["mcpReq"], state: ForeignState) {
  const progressToken = mcpReq._meta?.progressToken;
  await mcpReq.log("warning", { slow: true });
  for (const progress of [1, 0, 2]) {
    if (progressToken === undefined) break;
    await mcpReq.notify({
      method: "notifications/progress",
      params: { progressToken, progress, total: 3, message: `step ${progress}` },
    });
  }
  await new Promise<void>((resolve) => {
    mcpReq.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  state.aborted.push("slow");
  state.changed();
  return { content: [] };
}

const kinds: Record<
  "2026-07-28" | "2025-11-25 with sessions",
  (state: ForeignState) => ForeignKind
> = {
  "2026-07-28": (state) => {
    const { fetch, notify, close } = createMcpHandler(() => newServer(state));
    return {
      fetch,
      close,
      toolsChanged: async () => await notify.toolsChanged(),
      noteChanged: async () => await notify.resourceUpdated("note://1"),
    };
  },
  "2025-11-25 with sessions": (state) => {
    const sessions = new Map<
      string,
      { server: Server; transport: WebStandardStreamableHTTPServerTransport }
    >();
    const open = async () => {
      const server = newServer(state);
      const transport = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: () => crypto.randomUUID(),
        onsessioninitialized: (id) => void sessions.set(id, { server, transport }),
      });
      await server.connect(transport);
      return transport;
    };
    return {
      fetch: async (request) => {
        const id = request.headers.get("mcp-session-id");
        const known = id === null ? await open() : sessions.get(id)?.transport;
        return await known?.handleRequest(request) ?? new Response("unknown session", {
          status: 404,
        });
      },
      close: async () => {
        for (const { server } of sessions.values()) await server.close();
      },
      toolsChanged: async () => {
        for (const { server } of sessions.values()) await server.sendToolListChanged();
      },
      noteChanged: async () => {
        for (const { server } of sessions.values()) {
          await server.sendResourceUpdated({ uri: "note://1" });
        }
      },
    };
  },
};

/** Kinds of servers by the era they speak. */
export const FOREIGN_KINDS = Object.keys(kinds) as (keyof typeof kinds)[];

/** Starts a server. */
export function foreignServer(kind: keyof typeof kinds, options?: HttpServerOptions): Foreign {
  const state = new ForeignState(TOOLS);
  return httpServer(state, () => kinds[kind](state), options);
}
