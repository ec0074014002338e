/**
 * Joining the mesh from a server that is not ours (`node:http`, Express, a job, a script): it gets the
 * dependencies it declares, and offers nothing.
 *
 * @module
 */
import type { DependencyDefinitions } from "./dependency.ts";
import type { Declared } from "./handler_context.ts";
import type { RouteContext } from "./route.ts";
import type { Environment } from "../base/environment.ts";
import type { ServableDefinition } from "./servable.ts";

/** What {@linkcode joinMesh} is told. */
export interface JoinMeshDefinition<Ds extends DependencyDefinitions> extends ServableDefinition {
  /**
   * The port your own server listens on, which the registry shows. Nothing is bound.
   * `MCP_MESH_HTTP_PORT` beats it.
   *
   * @default 0
   */
  readonly port?: number;
  /** What it needs from agents. */
  readonly dependencies: Declared<Ds>;
  /**
   * A port to serve the probes on (`/livez`, `/ready`, `/health`, `/startupz`); 0 is any free one.
   *
   * @default none is served
   */
  readonly healthPort?: number;
  /**
   * Environment variables to use instead of the process's.
   *
   * @default the process's environment
   */
  readonly env?: Environment;
}

/** The request that some work is done for, as far as it matters to the mesh. */
export interface Cause {
  /**
   * Its headers. What travels on from hop to hop is taken from them: the trace, `X-Mesh-Timeout`, and
   * those on the allow-list.
   */
  readonly headers?: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Fires when nobody waits for the result any more; the calls under way are given up then. */
  readonly signal?: AbortSignal;
}

/** A member of the mesh that serves nothing through it. Made by {@linkcode joinMesh}. */
export interface JoinedMesh<Ds extends DependencyDefinitions> extends AsyncDisposable {
  /** Its id in the mesh. */
  readonly agentId: string;
  /** The port to listen on: the one that the registry shows. */
  readonly port: number;
  /** Where the probes are served, if they are. */
  readonly healthPort: number | undefined;
  /**
   * Does some work with the dependencies as they are wired now: what a route's handler is elsewhere.
   * Right after joining it waits for what is not wired yet (`MCP_MESH_SETTLE_TIMEOUT`).
   *
   * @param work Gets the dependencies and the rest of a handler's context.
   * @param cause The request it is done for.
   * @returns What `work` returns.
   * @throws Whatever `work` throws.
   * @throws {MeshError} `dependency_unavailable` when a required dependency has no provider,
   * `timeout`, `cancelled`, `overloaded`.
   */
  run<T>(work: (context: RouteContext<Ds>) => T | Promise<T>, cause?: Cause): Promise<T>;
}

/**
 * Joins the mesh, and leaves it when what it returns is disposed of. Does not wait for the registry.
 *
 * @throws {MeshError} `bad_definition`, `bad_config`, `port_taken`.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { joinMesh } from "mesh";
 * import { z } from "zod";
 *
 * const mesh = await joinMesh({
 *   name: "node-gateway",
 *   port: 8080,
 *   dependencies: { greet: { capability: "greet", output: z.string(), required: true } },
 * });
 * createServer(async (request, response) => {
 *   const greeting = await mesh.run(({ greet }) => greet({ name: "Ada" }), request);
 *   response.end(greeting);
 * }).listen(mesh.port);
 * ```
 */
export async function joinMesh<const Ds extends DependencyDefinitions>(
  definition: JoinMeshDefinition<Ds>,
): Promise<JoinedMesh<Ds>> {
  // Loaded when it is asked for: agents in a sandbox never join by themselves.
  const { join } = await import("../in_thread/joined.ts");
  return await join(definition);
}
