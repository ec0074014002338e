/**
 * The registry's settings: the only module of this room that reads the environment. A value that
 * cannot be used stops the start and names its variable.
 *
 * @module
 */
import * as z from "zod";
import { MeshError } from "../../runtime/base/errors.ts";
import { type AllowedHeaders, allowedHeaders } from "../../runtime/base/allowed_headers.ts";
import {
  duration,
  flag,
  hosts,
  integer,
  limit,
  names,
  opening,
  positive,
  publicUrl,
  token,
} from "./config_values.ts";
import { settingText } from "../../runtime/base/file_text.ts";
import { bareHost } from "../../runtime/base/host_text.ts";
import type { HostList } from "../base/host_list.ts";
import { readTraceConfig, type TraceConfig } from "./trace_config.ts";
import { TraceEnvironment } from "./trace_environment.ts";
import { type VariableName, VARIABLES } from "./variables.ts";

/** The callers that `/mcp` and `/proxy` are open to. */
export type McpOpening =
  /** Programs of this machine. */
  | "loopback"
  /** Everybody who reaches the registry. */
  | "on"
  /** Nobody. */
  | "off";

/** What the registry application needs to know. Times are milliseconds. */
export interface RegistryConfig {
  /** Silence after which an agent counts as unhealthy. @default 20000 */
  thresholdMs: number;
  /** Longest time between two looks for agents gone silent. @default 10000 */
  scanMs: number;
  /** How long a dead agent stays listed after its last beat; 0 keeps it for ever. @default 3600000 */
  retentionMs: number;
  /** Time between two sweeps. @default 300000 */
  sweepMs: number;
  /** Most events kept; 0 keeps all. @default 100000 */
  eventMaxRows: number;
  /** Time a call through the registry may take when it does not say. @default 60000 */
  proxyTimeoutMs: number;
  /** Time of calls under way through the registry when it stops. @default 10000 */
  drainMs: number;
  /** Further headers the proxy lets through. @default none */
  propagateHeaders: AllowedHeaders;
  /** Host names a request may name, and come from; `undefined` lets every name through. */
  allowedHosts: readonly string[] | undefined;
  /**
   * Hosts that agents of other machines may register besides the address they come from; `undefined` is
   * every name.
   */
  endpointHosts: HostList | undefined;
  /** Where A2A surfaces are reached from outside, without a slash at its end; `undefined` is nowhere. */
  publicUrlPrefix: string | undefined;
  /** What `/admin/*` wants to be shown; `undefined` lets only this machine in. */
  adminToken: string | undefined;
  /** Port of `/admin/*`, which is on no other then; 0 leaves it on the main port. @default 0 */
  adminPort: number;
  /** To whom `/mcp` and `/proxy` are open. @default "loopback" */
  mcp: McpOpening;
  /** What `/mcp` and `/proxy` want to be shown; `undefined` asks for nothing. */
  mcpToken: string | undefined;
  /** Whether every namespace at once is for operators only. @default false */
  namespaceStrict: boolean;
  /** Traces: what is kept, where spans come from and go to. */
  trace: TraceConfig;
}

/** Where the registry listens and keeps its state. */
export interface ServerConfig {
  /** Address to bind. @default "localhost" */
  host: string;
  /** Port to bind; 0 lets the system choose. @default 8000 */
  port: number;
  /** Most connections of each port at a time; `undefined` is as many as come. */
  maxConnections: number | undefined;
  /** Path of the database file, or the `http(s)` address of a KV Connect server. */
  kv: string;
  /** What the application needs. */
  registry: RegistryConfig;
}

/** Longest time a proxied call may take, whoever asks: 600 s. */
export const PROXY_TIMEOUT_MAX_MS = 600_000;

const EnvironmentSchema = z.object(
  {
    HOST: z.string().default("").transform((host) => bareHost(host.trim()) || "localhost"),
    PORT: integer(8000, 65_535),
    MCP_MESH_MAX_CONNECTIONS: limit(1_000_000),
    MCP_MESH_KV: z.string().default("").transform((kv) => kv.trim() || ".mesh/registry.kv"),
    HEALTH_CHECK_INTERVAL: positive(10_000),
    DEFAULT_TIMEOUT_THRESHOLD: positive(20_000),
    MCP_MESH_RETENTION: duration(3_600_000),
    MCP_MESH_SWEEP_INTERVAL: positive(300_000),
    MCP_MESH_EVENT_MAX_ROWS: integer(100_000, Number.MAX_SAFE_INTEGER),
    MCP_MESH_PROXY_TIMEOUT: positive(60_000),
    MCP_MESH_SHUTDOWN_TIMEOUT: duration(10_000),
    MCP_MESH_PROPAGATE_HEADERS: names.transform(allowedHeaders),
    MCP_MESH_ALLOWED_HOSTS: names,
    MCP_MESH_ENDPOINT_HOSTS: hosts,
    MCP_MESH_PUBLIC_URL_PREFIX: publicUrl,
    MCP_MESH_ADMIN_TOKEN: token,
    MCP_MESH_ADMIN_PORT: integer(0, 65_535),
    MCP_MESH_NAMESPACE_STRICT: flag,
    MCP_MESH_MCP: opening,
    MCP_MESH_MCP_TOKEN: token,
    ...TraceEnvironment,
  } satisfies Record<VariableName, z.ZodType>,
);

/** What is shown to the registry and is for nobody else. */
export function ownSecrets({ mcpToken, adminToken }: RegistryConfig): string[] {
  return [mcpToken, adminToken].filter((secret) => secret !== undefined);
}

/** The registry's variables of this process. */
export function processEnvironment(): Record<string, string> {
  return Object.fromEntries(VARIABLES.flatMap(({ name }) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, settingText(value)]];
  }));
}

/**
 * Settings from variables; those absent or empty have their defaults.
 *
 * @throws {MeshError} `bad_config`, naming the variable and its value.
 */
export function readConfig(env: Readonly<Record<string, string>>): ServerConfig {
  const parsed = EnvironmentSchema.safeParse(env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? "");
    throw new MeshError(
      "bad_config",
      `${name}=${shown(name, env[name] ?? "")} cannot be used: ${issue?.message}. ` +
        `Correct or unset ${name}.`,
      { cause: parsed.error },
    );
  }
  const values = parsed.data;
  const allowed = values.MCP_MESH_ALLOWED_HOSTS;
  return {
    host: values.HOST,
    port: values.PORT,
    maxConnections: values.MCP_MESH_MAX_CONNECTIONS,
    kv: values.MCP_MESH_KV,
    registry: {
      thresholdMs: values.DEFAULT_TIMEOUT_THRESHOLD,
      scanMs: Math.min(values.HEALTH_CHECK_INTERVAL, values.DEFAULT_TIMEOUT_THRESHOLD / 2),
      retentionMs: values.MCP_MESH_RETENTION,
      sweepMs: values.MCP_MESH_SWEEP_INTERVAL,
      eventMaxRows: values.MCP_MESH_EVENT_MAX_ROWS,
      proxyTimeoutMs: Math.min(values.MCP_MESH_PROXY_TIMEOUT, PROXY_TIMEOUT_MAX_MS),
      drainMs: values.MCP_MESH_SHUTDOWN_TIMEOUT,
      propagateHeaders: values.MCP_MESH_PROPAGATE_HEADERS,
      allowedHosts: allowed.length > 0 ? allowed : undefined,
      endpointHosts: values.MCP_MESH_ENDPOINT_HOSTS,
      publicUrlPrefix: values.MCP_MESH_PUBLIC_URL_PREFIX,
      adminToken: values.MCP_MESH_ADMIN_TOKEN,
      adminPort: values.MCP_MESH_ADMIN_PORT,
      namespaceStrict: values.MCP_MESH_NAMESPACE_STRICT,
      mcp: values.MCP_MESH_MCP,
      mcpToken: values.MCP_MESH_MCP_TOKEN,
      trace: readTraceConfig(values),
    },
  };
}

/** A value as messages show it: a secret is not, nor an address that may hold one. */
function shown(name: string, value: string): string {
  const isSecret = /_TOKEN$|_HEADERS$/.test(name) || value.includes("@");
  return isSecret ? "…" : JSON.stringify(value);
}
