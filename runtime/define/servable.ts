/**
 * What an agent and a gateway have in common: a declaration that can be served as a member of the
 * mesh, by `serve()`, `deno serve`, `meshctl start` or a test. Declaring binds nothing and starts
 * nothing.
 *
 * @module
 */
import { checkOptions } from "./check/check.ts";
import { errorText } from "../base/errors.ts";
import { visibleText } from "../base/visible.ts";
import type { Logger } from "./handler_context.ts";
import { whenMainModule } from "./main_module.ts";
import { type AgentManifest, blankManifest } from "./manifest.ts";
import type { RunningAgent, ServeOptions } from "./serving.ts";
import { func, label, object, port, text, truth, version } from "./check/kind.ts";
import { type MembersOf, shape } from "./check/shape.ts";
import type { Check } from "./health_check.ts";

/** What every member of the mesh has. */
export const SERVABLE: MembersOf<ServableDefinition> = {
  name: label("agent name"),
  port,
  version,
  description: text,
  namespace: label("namespace"),
  healthCheck: func,
  startupCheck: func,
  lifespan: func,
};

/** Options of `serve()`. */
const SERVE_OPTIONS = shape<ServeOptions>("serve options", {
  env: object,
  listen: truth,
  handleSignals: truth,
});

/** What a {@linkcode Lifespan} may use. */
export interface LifespanContext {
  /** Log lines that name the agent. */
  readonly log: Logger;
  /** Has the health check asked now: something it looks at has changed. */
  readonly checkHealth: () => void;
  /**
   * Absolute path of a folder of the agent's own, for files that outlive it (`MCP_MESH_DATA_DIR`;
   * `meshctl start` gives every agent one and lets its code read and write there). It exists once
   * the agent has made it. `undefined` where nobody gave one.
   */
  readonly dataFolder: string | undefined;
}

/**
 * Opens what an agent holds while it is served (a connection, a process, a timer) and returns how to
 * let go of it. It is awaited before the agent joins the mesh; if it throws, the agent does not start.
 */
export type Lifespan = (context: LifespanContext) => AsyncDisposable | Promise<AsyncDisposable>;

/** What every member of the mesh says about itself. */
export interface ServableDefinition {
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
  /** Asked every `MCP_MESH_HEALTH_CHECK_TTL` seconds; while unhealthy it withdraws from the mesh. */
  readonly healthCheck?: Check;
  /** Asked by `/startupz`. */
  readonly startupCheck?: Check;
  /** What it holds while it is served; let go of within two seconds when it stops. */
  readonly lifespan?: Lifespan;
}

/** What happens to a declared agent while it runs. */
export interface AgentEvents {
  /** A tool, a prompt or a resource came or went. */
  changed?(): void;
  /** What is under this URI has changed. */
  resourceUpdated?(uri: string): void;
}

/**
 * A declared member of the mesh. The value itself is what `deno serve` and Deno Deploy want as
 * default export.
 */
export interface Servable extends AsyncDisposable {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** What it says about itself right now. */
  manifest(): AgentManifest;
  /** Tells `listener` of what happens, until the returned function is called. */
  listen(listener: AgentEvents): () => void;
  readonly healthCheck: Check | undefined;
  readonly startupCheck: Check | undefined;
  readonly lifespan: Lifespan | undefined;
  /** Answers one HTTP request. */
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

/** What is particular to one kind of member. */
export interface Particulars<P> {
  /** Its own properties. */
  readonly properties: P;
  /** Its own part of the manifest. */
  describe(): Partial<AgentManifest>;
  /** Whom it tells of what happens to it. */
  readonly listeners: Set<AgentEvents>;
}

/** Makes a member of the mesh, and serves it if its file is the program. */
export function servable<P extends object>(
  definition: ServableDefinition,
  { properties, describe, listeners }: Particulars<P>,
): Servable & P {
  const own = describeServable(definition);
  const { name, version, description } = own;
  const { healthCheck, startupCheck, lifespan } = definition;
  // Asked for at every call, changed hardly ever.
  let manifest: AgentManifest | undefined;
  listeners.add({ changed: () => manifest = undefined });

  let running: Promise<RunningAgent> | undefined;
  // Serving is loaded when it is asked for: in a sandbox and in most tests it never is.
  const start = async (options: ServeOptions) =>
    (await import("../in_thread/serve_in_thread.ts")).serveInThread(self, options);
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
      console.error(visibleText(errorText(error)));
      Deno.exit(1);
    }
  };

  const common: Servable = {
    name,
    version,
    description,
    manifest: () => manifest ??= { ...own, ...describe() },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    healthCheck,
    startupCheck,
    lifespan,
    async fetch(request) {
      return await (await run({ listen: false })).fetch(request);
    },
    onListen(address) {
      void serveBehind(address);
    },
    async serve(options = {}) {
      checkOptions(SERVE_OPTIONS, "serve()", options);
      return await run(options);
    },
    async [Symbol.asyncDispose]() {
      await (await running)?.shutdown();
      running = undefined;
    },
  };
  const self = Object.assign(common, properties);
  whenMainModule(self);
  return self;
}

/** The part of a manifest that every member of the mesh has. */
export function describeServable(definition: ServableDefinition): AgentManifest {
  const { name, version = "1.0.0", description = "", namespace, port } = definition;
  return {
    ...blankManifest(name),
    version,
    description,
    namespace,
    port,
    healthCheck: definition.healthCheck !== undefined,
    startupCheck: definition.startupCheck !== undefined,
    lifespan: definition.lifespan !== undefined,
  };
}
