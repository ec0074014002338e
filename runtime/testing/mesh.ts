/**
 * A mesh in memory: agents, wiring and calls without a port, a registry or a permission. Resolution
 * is the registry's own, and every call between agents takes the whole path (MCP over `fetch`
 * handlers), so what passes here passes on the wire.
 *
 * @module
 */
import * as z from "zod";
import { agent as declareAgent } from "../define/agent.ts";
import { agentConfig } from "../node/config.ts";
import { abortable, either } from "../base/within.ts";
import { checkOptions } from "../define/check/check.ts";
import { MeshError } from "../base/errors.ts";
import { chunksOf } from "../base/chunks.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { jsonForm } from "../base/json_form.ts";
import { agentLog } from "../base/log.ts";
import { callTool } from "../mcp/client.ts";
import { decodeResult } from "../boundary/result.ts";
import { MeshNode } from "../node/node.ts";
import { registrationOf } from "../node/membership.ts";
import type { RunningMember } from "../define/serving.ts";
import { RegistrationSchema } from "../protocol/registration.ts";
import { Pass } from "../protocol/resolve/availability.ts";
import { candidatesOf, type Directory, type DirectoryAgent } from "../protocol/resolve/model.ts";
import { resolveAgent, wiringResponse } from "../protocol/resolve/resolve.ts";
import type { Servable } from "../define/servable.ts";
import { tool } from "../define/tool.ts";
import { FAKE_OPTIONS, JOIN_OPTIONS, TEST_CALL_OPTIONS } from "./shapes.ts";

/** How an agent takes part in a {@linkcode TestMesh}. */
export interface JoinOptions {
  /**
   * Its id; decides ties between replicas.
   *
   * @default the agent's name, then the name with a number
   */
  readonly id?: string;
  /** Environment variables it is configured with, such as `MCP_MESH_SETTLE_TIMEOUT`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gets its log lines. Nobody does by default. */
  readonly log?: (line: string) => void;
}

/** Options of {@linkcode TestMesh.fake}. */
export interface FakeOptions {
  readonly tags?: readonly string[];
  readonly version?: string;
  /** @default the capability, with everything but letters and digits as hyphens */
  readonly name?: string;
  /** What it answers, as a tool declares it. */
  readonly output?: z.ZodType;
  /** One chunk, as a tool declares it; `answer` is then an async generator. */
  readonly chunk?: z.ZodType;
}

/** Options of a call from a test. */
export interface TestCallOptions {
  readonly signal?: AbortSignal;
  /** @default 10_000 */
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Gets the chunks of a streaming tool. */
  readonly onChunk?: (chunk: unknown) => Promise<void>;
}

/** Options of a stream read by a test. */
export type TestStreamOptions = Omit<TestCallOptions, "onChunk">;

/** The chunks of a stream. Leaving the loop gives the call up. */
export type TestStream = AsyncIterable<unknown>;

/** An agent in a {@linkcode TestMesh}. */
export interface TestAgent {
  readonly id: string;
  /** Its visible state. */
  readonly node: RunningMember;
  /**
   * Calls one of its tools, as an outside client would.
   *
   * @throws {MeshError} Whatever the call failed with.
   */
  call(tool: string, args?: Record<string, unknown>, options?: TestCallOptions): Promise<unknown>;
  /**
   * Calls one of its tools and yields each chunk; a tool that does not stream yields its value once.
   *
   * @throws {MeshError} Whatever the call failed with.
   */
  stream(tool: string, args?: Record<string, unknown>, options?: TestStreamOptions): TestStream;
  /**
   * Sends it an HTTP request, as a browser would.
   *
   * @param path Such as `/plan?day=1`.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Takes it out of the mesh; consumers are rewired before this resolves. */
  leave(): Promise<void>;
}

/** A mesh in memory. Made by {@linkcode testMesh}. */
export interface TestMesh extends AsyncDisposable {
  /** Adds an agent or a gateway; everybody is rewired before this resolves. */
  join(agent: Servable, options?: JoinOptions): Promise<TestAgent>;
  /**
   * Adds an agent that offers one capability.
   *
   * @param answer What it answers, or a function of the arguments; an async generator streams.
   */
  fake(
    capability: string,
    answer: unknown | ((args: Record<string, unknown>) => unknown),
    options?: FakeOptions,
  ): Promise<TestAgent>;
  /**
   * Calls a tool by name, wherever it is.
   *
   * @throws {MeshError} `not_found` when no agent has it, or whatever the call failed with.
   */
  call(tool: string, args?: Record<string, unknown>, options?: TestCallOptions): Promise<unknown>;
  /**
   * Calls a tool by name, wherever it is, and yields each chunk; a tool that does not stream yields
   * its value once.
   *
   * @throws {MeshError} `not_found` when no agent has it, or whatever the call failed with.
   */
  stream(tool: string, args?: Record<string, unknown>, options?: TestStreamOptions): TestStream;
  /** Cuts an agent off: calls to it fail with `unreachable` until the returned function is called. */
  partition(agent: TestAgent): () => void;
}

/**
 * Makes an empty mesh.
 *
 * @example
 * ```ts
 * import { agent, tool } from "mesh";
 * import { testMesh } from "mesh/testing";
 * import { z } from "zod";
 *
 * const greeter = agent({
 *   name: "greeter",
 *   tools: {
 *     greet: tool({
 *       input: z.object({ id: z.string() }),
 *       dependencies: { names: { capability: "names", output: z.string(), required: true } },
 *     }, async ({ id }, { names }) => `Hello, ${await names({ id })}`),
 *   },
 * });
 *
 * await using mesh = testMesh();
 * await mesh.fake("names", "Ada");
 * await mesh.join(greeter);
 * await mesh.call("greet", { id: "1" }); // "Hello, Ada"
 * ```
 */
export function testMesh(): TestMesh {
  return new MemoryMesh();
}

interface Member {
  readonly agent: TestAgent;
  readonly node: MeshNode;
  readonly origin: string;
  stopFollowing(): void;
}

class MemoryMesh implements TestMesh {
  readonly #members = new Map<string, Member>();
  readonly #cutOff = new Set<string>();

  async join(agent: Servable, options: JoinOptions = {}): Promise<TestAgent> {
    checkOptions(JOIN_OPTIONS, "join()", options);
    const id = options.id ?? this.#freeId(agent.name);
    const config = agentConfig({
      MCP_MESH_AGENT_ID: id,
      // Only a name to route by: nothing listens there.
      MCP_MESH_HTTP_HOST: `${id}.mesh`,
      MCP_MESH_HTTP_PORT: "80",
      ...options.env,
    }, agent.manifest());
    const node = new MeshNode({
      host: hostInThread(agent),
      config,
      log: agentLog(config.logLevel, options.log ?? (() => {})),
      fetch: (input, init) => this.#route(new Request(input, init)),
    });
    await node.join(config.port, { standalone: true });
    const joined: TestAgent = {
      id,
      node,
      call: (tool, args = {}, options = {}) => this.#call(node, tool, args, options),
      stream: (tool, args = {}, options = {}) => this.#stream(node, tool, args, options),
      fetch: (path, init) => node.fetch(new Request(new URL(path, node.endpoint), init)),
      leave: () => this.#leave(id),
    };
    const stopListening = agent.listen({ changed: () => this.#rewire() });
    let isHealthy = isWell(node);
    const stopWatching = node.onChange(() => {
      if (isHealthy === isWell(node)) return;
      isHealthy = !isHealthy;
      this.#rewire();
    });
    const stopFollowing = () => {
      stopListening();
      stopWatching();
    };
    this.#members.set(id, {
      agent: joined,
      node,
      origin: new URL(node.endpoint).origin,
      stopFollowing,
    });
    this.#rewire();
    return joined;
  }

  async fake(
    capability: string,
    answer: unknown | ((args: Record<string, unknown>) => unknown),
    options: FakeOptions = {},
  ): Promise<TestAgent> {
    checkOptions(FAKE_OPTIONS, "fake()", options);
    const slug = capability.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
    const reply = (args: Record<string, unknown>) =>
      typeof answer === "function" ? answer(args) : answer;
    return await this.join(declareAgent({
      name: options.name ?? `fake-${slug}`,
      tools: {
        [capability.replaceAll(/[^A-Za-z0-9_.-]/g, "_")]: tool({
          capability,
          ...(options.tags === undefined ? {} : { tags: options.tags }),
          ...(options.version === undefined ? {} : { version: options.version }),
          ...(options.output === undefined ? {} : { output: options.output }),
          ...(options.chunk === undefined ? {} : { chunk: options.chunk }),
          input: z.looseObject({}),
          // Its answers are checked against the declaration when they are given.
        }, reply as () => never),
      },
    }));
  }

  async call(
    tool: string,
    args: Record<string, unknown> = {},
    options: TestCallOptions = {},
  ): Promise<unknown> {
    return await this.#owner(tool).call(tool, args, options);
  }

  stream(
    tool: string,
    args: Record<string, unknown> = {},
    options: TestStreamOptions = {},
  ): TestStream {
    return this.#owner(tool).stream(tool, args, options);
  }

  partition(agent: TestAgent): () => void {
    const { origin } = new URL(agent.node.endpoint);
    this.#cutOff.add(origin);
    return () => this.#cutOff.delete(origin);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#members.keys()].map((id) => this.#leave(id)));
  }

  #owner(tool: string): TestAgent {
    for (const { agent } of this.#members.values()) {
      if (agent.node.manifest.tools.some(({ name }) => name === tool)) return agent;
    }
    throw new MeshError("not_found", `no agent of the mesh has a tool "${tool}"`);
  }

  #freeId(name: string): string {
    for (let number = 1;; number++) {
      const id = number === 1 ? name : `${name}-${number}`;
      if (!this.#members.has(id)) return id;
    }
  }

  async #leave(id: string): Promise<void> {
    const member = this.#members.get(id);
    if (member === undefined) return;
    this.#members.delete(id);
    member.stopFollowing();
    this.#rewire();
    await member.node.shutdown(0);
  }

  /** Gives every agent the wiring the registry would give it now. */
  #rewire(): void {
    const agents = [...this.#members.values()].map(({ node }) => directoryAgent(node));
    const pass = new Pass(directoryOf(agents));
    for (const agent of agents) {
      const member = this.#members.get(agent.id);
      member?.node.apply(
        wiringResponse(agent, resolveAgent(pass, agent), { extended: true }),
      );
    }
  }

  async #route(request: Request): Promise<Response> {
    const { origin } = new URL(request.url);
    const member = [...this.#members.values()].find((member) => member.origin === origin);
    if (member === undefined || this.#cutOff.has(origin)) {
      throw new TypeError("fetch failed", {
        cause: new Error(`client error (Connect): nobody at ${origin}`),
      });
    }
    return await answerOf(member.agent.node, request);
  }

  #stream(
    node: MeshNode,
    tool: string,
    args: Record<string, unknown>,
    options: TestStreamOptions,
  ): TestStream {
    return chunksOf((onChunk, signal) =>
      this.#call(node, tool, args, { ...options, onChunk, signal: either(signal, options.signal) })
    );
  }

  async #call(
    node: MeshNode,
    tool: string,
    args: Record<string, unknown>,
    options: TestCallOptions,
  ): Promise<unknown> {
    checkOptions(TEST_CALL_OPTIONS, "call()", options);
    return decodeResult(
      await callTool((input, init) => answerOf(node, new Request(input, init)), {
        endpoint: node.endpoint,
        tool,
        // Its form is an object as it is itself.
        args: await jsonForm(args, {
          code: "bad_input",
          what: `what is asked of ${tool}`,
        }) as typeof args,
        signal: options.signal ?? new AbortController().signal,
        remainingMs: options.timeoutMs ?? 10_000,
        headers: options.headers ?? {},
        ...(options.onChunk === undefined ? {} : { onChunk: options.onChunk }),
      }),
    );
  }
}

/** What a node answers; a caller who gives up is not kept waiting, as over a connection. */
function answerOf(node: RunningMember, request: Request): Promise<Response> {
  return abortable(node.fetch(request), request.signal);
}

function isWell(node: MeshNode): boolean {
  return node.health.status !== "unhealthy";
}

/** What the registry knows of a node. */
function directoryAgent(node: MeshNode): DirectoryAgent {
  const registered = RegistrationSchema.parse(registrationOf(node, "deno"));
  return {
    id: node.config.agentId,
    name: node.config.name,
    namespace: node.config.namespace,
    status: isWell(node) ? "healthy" : "unhealthy",
    endpoint: node.endpoint,
    runtime: "deno",
    tools: registered.tools,
  };
}

function directoryOf(agents: readonly DirectoryAgent[]): Directory {
  const all = agents.flatMap(candidatesOf);
  const byCapability = Map.groupBy(all, ({ tool }) => tool.capability);
  return {
    providers: (capability) => byCapability.get(capability) ?? [],
    tools: () => all,
  };
}
