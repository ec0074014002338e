/**
 * The official MCP clients of both SDKs, over both transports, behind one face: whoever tests the mesh
 * as one server tests it with all of them.
 *
 * @module
 */
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
} from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createLineSplitter } from "../../runtime/base/line_splitter.ts";

/** A result of a call. */
// deno-lint-ignore no-explicit-any -- tests look into results of every kind
export type Result = Record<string, any>;

/** How a call is made. */
export interface CallOptions {
  onprogress?: (progress: { progress: number; message?: string }) => void;
  signal?: AbortSignal;
}

/** A connected client. */
export interface TestClient extends AsyncDisposable {
  /** Names of the tools, page by page. */
  names(): Promise<string[]>;
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<Result>;
  /** The names after the next change it is told of. */
  changed(): Promise<string[]>;
}

/** Where the mesh is: an address, or a command that is it. */
export type Server = { readonly url: string } | Command;

/** A command that speaks MCP over its standard input and output. */
interface Command {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** The clients there are. */
export const CLIENTS: Record<string, (server: Server) => Promise<TestClient>> = {
  "SDK 1.x": v1,
  "SDK 2.x, revision 2025-11-25": (server) => v2(server, undefined),
  "SDK 2.x, revision 2026-07-28": (server) => v2(server, "2026-07-28"),
};

const INFO = { name: "test", version: "1.0.0" };

/** Changes of the list, for whoever waits for the next one. */
class Changes {
  #next = Promise.withResolvers<string[]>();

  readonly onChanged = (error: Error | null, tools: readonly { name: string }[] | null) => {
    if (error) this.#next.reject(error);
    else this.#next.resolve((tools ?? []).map(({ name }) => name).toSorted());
    this.#next = Promise.withResolvers();
    // Nobody may be waiting.
    this.#next.promise.catch(() => {});
  };

  next(): Promise<string[]> {
    return this.#next.promise;
  }
}

async function v1(server: Server): Promise<TestClient> {
  const changes = new Changes();
  const client = new ClientV1(INFO, { listChanged: { tools: { onChanged: changes.onChanged } } });
  const transport = "url" in server
    ? new HttpV1(new URL(server.url))
    : new CommandTransport(server);
  // The SDK's own declarations disagree under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<ClientV1["connect"]>[0]);
  return {
    async names() {
      const names: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.listTools(cursor === undefined ? {} : { cursor });
        names.push(...page.tools.map(({ name }: { name: string }) => name));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return names;
    },
    call: (name, args = {}, options = {}) =>
      // As above.
      client.callTool({ name, arguments: args }, undefined, options as Record<string, never>),
    changed: () => changes.next(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function v2(server: Server, pin: string | undefined): Promise<TestClient> {
  const changes = new Changes();
  const client = new ClientV2(INFO, {
    listChanged: { tools: { onChanged: changes.onChanged } },
    ...(pin !== undefined && { versionNegotiation: { mode: { pin } } }),
  });
  const transport = "url" in server
    ? new HttpV2(new URL(server.url))
    : new CommandTransport(server);
  // As above.
  await client.connect(transport as Parameters<ClientV2["connect"]>[0]);
  return {
    names: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, args = {}, options = {}) =>
      // As above.
      client.callTool({ name, arguments: args }, options as Record<string, never>),
    changed: () => changes.next(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/**
 * A command as a client's transport. Those of the SDKs leave a timer behind for two seconds when they
 * are closed, which a test may not.
 */
class CommandTransport {
  onmessage?: (message: never) => void;
  onclose?: () => void;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #reading = Promise.resolve();

  constructor({ command, args, env }: Command) {
    const piped = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
    this.#child = new Deno.Command(command, { args, env, ...piped }).spawn();
    this.#input = this.#child.stdin.getWriter();
  }

  start(): Promise<void> {
    this.#reading = this.#read();
    return Promise.resolve();
  }

  async send(message: unknown): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
  }

  async close(): Promise<void> {
    await this.#input.close().catch(() => {});
    await Promise.all([this.#child.status, this.#reading]);
  }

  async #read(): Promise<void> {
    const splitter = createLineSplitter();
    for await (const bytes of this.#child.stdout) {
      for (const line of splitter.push(bytes)) {
        // The client checks what it is.
        this.onmessage?.(JSON.parse(line) as never);
        // SDK 1.x takes notifications up a turn later than responses.
        await nextTurn();
      }
    }
    this.onclose?.();
  }
}
