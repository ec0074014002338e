/**
 * Agents: one module, one declaration. Declaring binds nothing and starts nothing; hosting it is
 * `serve()`, `deno serve`, `meshctl start` or a test.
 *
 * @module
 */
import { errorText, MeshError } from "./errors.ts";
import { type AgentManifest, promptManifest, resourceManifest, toolManifest } from "./manifest.ts";
import type { Logger } from "./handler_context.ts";
import { Members, type MemberSet } from "./member_set.ts";
import type { Prompt } from "./prompt.ts";
import type { Resource } from "./resource.ts";
import type { Tool } from "./tool.ts";
import type { RunningAgent, ServeOptions } from "./serve.ts";
import { whenMainModule } from "./main_module.ts";

/** What a health or startup check finds. */
export interface CheckVerdict {
  readonly status: "healthy" | "degraded" | "unhealthy";
  /** What was looked at, and whether it was well. */
  readonly checks?: Readonly<Record<string, boolean>>;
  /** What is wrong, for people. */
  readonly errors?: readonly string[];
}

/** Looks whether the agent can do its work. `true` is healthy, `false` unhealthy, throwing degraded. */
export type Check = () => boolean | CheckVerdict | Promise<boolean | CheckVerdict>;

/** What a {@linkcode Lifespan} may use. */
export interface LifespanContext {
  /** Log lines that name the agent. */
  readonly log: Logger;
  /** Has the health check asked now: something it looks at has changed. */
  readonly checkHealth: () => void;
}

/**
 * Opens what an agent holds while it is served (a connection, a process, a timer) and returns how to
 * let go of it. It is awaited before the agent joins the mesh; if it throws, the agent does not start.
 */
export type Lifespan = (context: LifespanContext) => AsyncDisposable | Promise<AsyncDisposable>;

/** What an agent says about itself. */
export interface AgentDefinition {
  /** Lower-case letters, digits and hyphens, at most 63; replicas share it. */
  readonly name: string;
  /**
   * The port to listen on; 0 lets the operating system choose. `MCP_MESH_HTTP_PORT` beats it.
   *
   * @default 0
   */
  readonly port?: number;
  /** @default "1.0.0" */
  readonly version?: string;
  /** What it is for, for people. */
  readonly description?: string;
  /**
   * The namespace it lives in; agents of other namespaces do not see it.
   * `MCP_MESH_NAMESPACE` beats it.
   *
   * @default "default"
   */
  readonly namespace?: string;
  /** Its tools, by name. */
  readonly tools?: Readonly<Record<string, Tool>>;
  /** Its prompts, by name. */
  readonly prompts?: Readonly<Record<string, Prompt>>;
  /** Its resources, by name. */
  readonly resources?: Readonly<Record<string, Resource>>;
  /** What a client should know to use the agent well; sent to MCP clients (`instructions`). */
  readonly instructions?: string | undefined;
  /**
   * Whether MCP clients of the 2025 era may hold sessions, within which they can be asked questions,
   * subscribe to resources and be told of changes; clients of the 2026 era need none for that.
   * Sessions live in one process: replicas then need a router that keeps clients where they are.
   * `MCP_MESH_MCP_SESSIONS` beats it.
   *
   * @default false
   */
  readonly sessions?: boolean;
  /** Asked every `MCP_MESH_HEALTH_CHECK_TTL` seconds; while unhealthy the agent withdraws from the mesh. */
  readonly healthCheck?: Check;
  /** Asked by `/startupz`. */
  readonly startupCheck?: Check;
  /** What it holds while it is served; let go of within two seconds when it stops. */
  readonly lifespan?: Lifespan;
}

/** The tools of an agent. */
export type ToolSet = MemberSet<Tool>;
/** The prompts of an agent. */
export type PromptSet = MemberSet<Prompt>;

/** The resources of an agent. */
export interface ResourceSet extends MemberSet<Resource> {
  /** Tells the clients that subscribed to a URI that what is under it has changed. */
  updated(uri: string): void;
}

/** What happens to a declared agent while it runs. */
export interface AgentEvents {
  /** A tool, a prompt or a resource came or went. */
  changed?(): void;
  /** What is under this URI has changed. */
  resourceUpdated?(uri: string): void;
}

/** A declared agent. The value itself is what `deno serve` and Deno Deploy want as default export. */
export interface Agent extends AsyncDisposable {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly tools: ToolSet;
  readonly prompts: PromptSet;
  readonly resources: ResourceSet;
  /** What it says about itself right now. */
  manifest(): AgentManifest;
  /** Tells `listener` of what happens, until the returned function is called. */
  listen(listener: AgentEvents): () => void;
  readonly healthCheck: Check | undefined;
  readonly startupCheck: Check | undefined;
  readonly lifespan: Lifespan | undefined;
  /** Answers one HTTP request: `/mcp` and the probes. */
  fetch(request: Request): Promise<Response>;
  /** Called by `deno serve` once it listens; joins the mesh from there. */
  onListen(address: Deno.Addr): void;
  /**
   * Listens, registers and serves until the returned agent is shut down.
   *
   * @throws {MeshError} `port_taken`, `bad_config`.
   */
  serve(options?: ServeOptions): Promise<RunningAgent>;
}

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/**
 * Declares an agent. Export it as default.
 *
 * @throws {MeshError} `bad_definition` when the name, the port or a tool is not valid.
 *
 * @example
 * ```ts
 * import { agent, tool } from "mesh";
 * import { z } from "zod";
 *
 * export default agent({
 *   name: "greeter",
 *   tools: {
 *     greet: tool({
 *       description: "Greet somebody",
 *       input: z.object({ name: z.string() }),
 *       output: z.string(),
 *     }, ({ name }) => `Hello, ${name}`),
 *   },
 * });
 * ```
 */
export function agent(definition: AgentDefinition): Agent {
  if (!NAME.test(definition.name) || definition.name.length > 63) {
    throw new MeshError(
      "bad_definition",
      `agent name ${
        JSON.stringify(definition.name)
      } is not valid: use at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit`,
    );
  }
  const port = definition.port;
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw new MeshError(
      "bad_definition",
      `agent "${definition.name}" has port ${port}: use a whole number from 0 to 65535`,
    );
  }
  // Asked for at every call, changed hardly ever.
  let manifest: AgentManifest | undefined;
  const listeners = new Set<AgentEvents>();
  const changed = () => {
    manifest = undefined;
    for (const listener of listeners) listener.changed?.();
  };
  const { name, tools = {}, prompts = {}, resources = {} } = definition;
  const toolSet = new Members(name, "tool", tools, toolManifest, changed);
  const promptSet = new Members(name, "prompt", prompts, promptManifest, changed);
  const resourceSet = new Members(name, "resource", resources, resourceManifest, changed);

  let running: Promise<RunningAgent> | undefined;
  // Serving is loaded when it is asked for: in a sandbox and in most tests it never is.
  const start = async (options: ServeOptions) =>
    (await import("./serve.ts")).serveInThread(self, options);
  // Who asks first decides how it listens: serve() or fetch()/onListen() of `deno serve`.
  const run = (options: ServeOptions) => running ??= start(options);

  // `deno serve` owns the port and the process: it would end both without a word to the mesh.
  const serveBehind = async (address: Deno.Addr) => {
    try {
      const started = await run({ listen: false, handleSignals: true });
      await started.join(address);
      await started.finished;
      Deno.exit(0);
    } catch (error) {
      console.error(errorText(error));
      Deno.exit(1);
    }
  };

  const self: Agent = {
    name,
    version: definition.version ?? "1.0.0",
    description: definition.description ?? "",
    tools: toolSet,
    prompts: promptSet,
    resources: Object.assign(resourceSet, {
      updated(uri: string) {
        for (const listener of listeners) listener.resourceUpdated?.(uri);
      },
    }),
    manifest: () =>
      manifest ??= {
        name,
        version: self.version,
        description: self.description,
        instructions: definition.instructions,
        namespace: definition.namespace,
        port,
        tools: toolSet.manifests(),
        prompts: promptSet.manifests(),
        resources: resourceSet.manifests(),
        sessions: definition.sessions ?? false,
        healthCheck: definition.healthCheck !== undefined,
        startupCheck: definition.startupCheck !== undefined,
        lifespan: definition.lifespan !== undefined,
      },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    healthCheck: definition.healthCheck,
    startupCheck: definition.startupCheck,
    lifespan: definition.lifespan,
    async fetch(request) {
      return await (await run({ listen: false })).fetch(request);
    },
    onListen(address) {
      void serveBehind(address);
    },
    serve: (options = {}) => run(options),
    async [Symbol.asyncDispose]() {
      await (await running)?.shutdown();
      running = undefined;
    },
  };
  whenMainModule(self);
  return self;
}

/** Whether `value` is an {@linkcode Agent}, from this or another copy of the module. */
export function isAgent(value: unknown): value is Agent {
  // A structural test: a module under `meshctl start` may carry its own copy of the runtime.
  return typeof value === "object" && value !== null && "manifest" in value && "tools" in value &&
    "serve" in value;
}
