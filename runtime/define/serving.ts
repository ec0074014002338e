/**
 * Declared agents that are being served.
 *
 * @module
 */
import type { Environment } from "../base/environment.ts";
import type { MeshError } from "../base/errors.ts";
import type { AgentManifest } from "./manifest.ts";
import type { CheckVerdict } from "./health_check.ts";

/** Options of `Agent.serve`. */
export interface ServeOptions {
  /**
   * Environment variables to use instead of the process's.
   *
   * @default the process's environment
   */
  readonly env?: Environment;
  /**
   * Whether to bind a port. Without one the agent joins the mesh when `join` is called.
   *
   * @default true
   */
  readonly listen?: boolean;
  /**
   * Whether SIGTERM and SIGINT shut the agent down; a second one cuts off the calls under way.
   *
   * @default false
   */
  readonly handleSignals?: boolean;
}

/** An agent that is being served. */
export interface RunningAgent extends AsyncDisposable {
  /** Its visible state. */
  readonly node: RunningMember;
  readonly port: number;
  /** Answers one HTTP request. */
  fetch(request: Request): Promise<Response>;
  /** Joins the mesh from an address somebody else listens on. */
  join(address: Deno.Addr): Promise<void>;
  /**
   * Unregisters, lets calls under way finish, closes. Takes at most the time of
   * `MCP_MESH_SHUTDOWN_TIMEOUT` and a few seconds.
   *
   * @param drainMs How long calls may go on, milliseconds. @default as configured
   */
  shutdown(drainMs?: number): Promise<void>;
  /** Cuts off the calls that a shutdown waits for. */
  hurry(): void;
  /** Resolves when the agent has shut down. */
  readonly finished: Promise<void>;
}

/** A dependency without a provider at the moment. */
export interface Unresolved {
  readonly tool: string;
  readonly dependency: string;
  readonly capability: string;
  readonly required: boolean;
}

/** The visible state of a member of the mesh that runs. */
export interface RunningMember {
  /** Its id in the mesh. */
  readonly agentId: string;
  /** Its present manifest. */
  readonly manifest: AgentManifest;
  /** The port it is reached at. */
  readonly port: number;
  /** The address the registry hands out for it. */
  readonly endpoint: string;
  /** The last verdict of its health check. */
  readonly health: CheckVerdict;
  /** Whether the registry knows it. */
  readonly isRegistered: boolean;
  /** The present failure between it and the registry, if there is one. */
  readonly trouble: MeshError | undefined;
  /** Declared dependencies without a provider. */
  readonly unresolved: readonly Unresolved[];
  /** Runs `listener` after every change of any of these, until the returned function is called. */
  onChange(listener: () => void): () => void;
  /** Answers one HTTP request. */
  fetch(request: Request): Promise<Response>;
}
