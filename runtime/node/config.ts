/**
 * The configuration of an agent: environment beats code beats default. The only reader of the
 * environment in this room.
 *
 * @module
 */
import * as z from "zod";
import { byteSize } from "../base/byte_size.ts";
import { MESH_NAME } from "../base/mesh_name.ts";
import { LONGEST_TIMER_MS } from "../base/sleep.ts";
import { MeshError } from "../base/errors.ts";
import type { LogLevel } from "../base/log.ts";
import type { LlmSettings } from "../define/llm.ts";
import type { LogFormat } from "../base/log.ts";
import { type AgentManifest, type AgentType, hasModel } from "../define/manifest.ts";
import { TRACE_STREAM_MAXLEN } from "../protocol/trace_stream.ts";
import { tlsMaterial } from "../base/tls_material.ts";
import type { TracingConfig } from "../tracing/tracing.ts";
import type { TracingMode } from "../tracing/tracer.ts";
import { listeningAddress, loopbackLike, reachableAddress } from "./own_address.ts";
import { bareHost, plainHost } from "../base/host_text.ts";
import { type Environment, readVariables } from "../base/environment.ts";
import { isLoopback } from "../base/loopback.ts";

/** What an agent process is configured with. Times are milliseconds. */
export interface AgentConfig {
  readonly agentId: string;
  /** Holds the id: whoever does not show it is another instance. Secret. */
  readonly instanceToken: string;
  readonly name: string;
  readonly namespace: string;
  /** Base URL of the registry, without a trailing slash. */
  readonly registryUrl: string;
  /** The address peers reach the agent at. */
  readonly advertisedHost: string;
  /** The address it listens on. */
  readonly bindHost: string;
  readonly port: number;
  readonly heartbeatMs: number;
  /** Whether it holds a connection to the registry over which rewirings are pushed. */
  readonly holdsStream: boolean;
  readonly settleMs: number;
  readonly callTimeoutMs: number;
  /** How long calls under way may go on once the agent is told to stop. */
  readonly drainMs: number;
  readonly healthCheckMs: number;
  /** Most calls at a time; what comes beyond is refused before it runs. */
  readonly maxConcurrency: number;
  /** Most connections at a time; `undefined` for as many as come. */
  readonly maxConnections: number | undefined;
  /** Most memory that the process of the agent's code may use, bytes. */
  readonly memoryBytes: number;
  /** Most that the agent may keep in its data folder, bytes. */
  readonly dataBytes: number;
  /** Header names, or prefixes ending in `*`, in lower case. */
  readonly propagateHeaders: readonly string[];
  /** Further host names that requests may be addressed to and come from; `*` means any. */
  readonly allowedHosts: readonly string[];
  /** Whether MCP clients of the 2025 era may hold sessions. */
  readonly hasSessions: boolean;
  /** Signs what travels through clients while they answer questions. Secret. */
  readonly stateKey: Uint8Array;
  /** What beats the declarations of language models. */
  readonly llm: LlmSettings;
  /** Absolute path of the folder the agent may keep files in. */
  readonly dataFolder: string | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly tracing: TracingConfig;
}

const seconds = z.coerce.number().nonnegative().finite()
  .transform((value) => Math.min(value * 1000, LONGEST_TIMER_MS));
const list = z.string().transform((text) =>
  text.split(",").map((item) => item.trim().toLowerCase()).filter((item) => item !== "")
);
const host = z.string().trim().transform((text, context) => {
  const plain = plainHost(text);
  if (plain !== undefined) return plain;
  context.addIssue(
    text.includes("%")
      ? "no URL can hold the zone of a link-local address; use another address of this machine"
      : "expected a host name or an address, without scheme and port",
  );
  return z.NEVER;
});
/** Least memory in which code loads and runs, bytes. */
const LEAST_MEMORY = 128 * 1024 ** 2;
/** Least limit of a data folder, bytes. */
const LEAST_DATA = 1024 ** 2;
const size = (least: number) =>
  z.string().transform((text, context) => {
    const bytes = byteSize(text);
    if (bytes !== undefined && bytes >= least) return bytes;
    const leastText = `${least / 1024 ** 2}MiB`;
    context.addIssue(
      `expected bytes, or a size such as 512MiB or 2GiB, of at least ${leastText}`,
    );
    return z.NEVER;
  });
const port = z.coerce.number().int().min(0).max(65535);

const EnvSchema = z.object({
  // It is told in logs and records; the registry and `meshctl` take no name and password in it either.
  MCP_MESH_REGISTRY_URL: z.url({ protocol: /^https?$/ })
    .refine((url) => !/\/\/[^/?#]*@/.test(url), "it carries a user name or password")
    .default("http://localhost:8000"),
  MCP_MESH_AGENT_ID: z.string().regex(MESH_NAME).max(253).optional(),
  MCP_MESH_INSTANCE_TOKEN: z.string().regex(/^[\w-]{32,256}$/).optional(),
  MCP_MESH_AGENT_NAME: z.string().regex(MESH_NAME).max(63).optional(),
  MCP_MESH_NAMESPACE: z.string().regex(MESH_NAME).max(63).optional(),
  MCP_MESH_HTTP_HOST: host.optional(),
  MCP_MESH_HTTP_PORT: port.optional(),
  HOST: z.string().trim().transform(bareHost).optional(),
  MCP_MESH_HEALTH_INTERVAL: seconds.default(5_000),
  MCP_MESH_WIRING_STREAM: z.stringbool().default(true),
  MCP_MESH_SETTLE_TIMEOUT: seconds.default(20_000),
  MCP_MESH_CALL_TIMEOUT: seconds.default(300_000),
  MCP_MESH_SHUTDOWN_TIMEOUT: seconds.optional(),
  MCP_MESH_HEALTH_CHECK_TTL: seconds.default(15_000),
  MCP_MESH_MAX_CONNECTIONS: z.coerce.number().int().positive().optional(),
  MCP_MESH_MAX_CONCURRENCY: z.coerce.number().int().positive().default(256),
  MCP_MESH_MEMORY_LIMIT: size(LEAST_MEMORY).default(1024 ** 3),
  MCP_MESH_DATA_LIMIT: size(LEAST_DATA).default(1024 ** 3),
  MCP_MESH_PROPAGATE_HEADERS: list.default([]),
  MCP_MESH_ALLOWED_HOSTS: list.default([]),
  MCP_MESH_MCP_SESSIONS: z.stringbool().optional(),
  MCP_MESH_REQUEST_STATE_KEY: z.string().min(32).optional(),
  MCP_MESH_DATA_DIR: z.string().optional(),
  MESH_LLM_MODEL: z.string().optional(),
  MESH_LLM_MAX_ITERATIONS: z.coerce.number().int().positive().optional(),
  MESH_LLM_FILTER_MODE: z.enum(["all", "best_match", "*"]).optional(),
  MCP_MESH_LOG_FORMAT: z.enum(["pretty", "json"]).default("pretty"),
  MCP_MESH_DISTRIBUTED_TRACING_ENABLED: z.stringbool().optional(),
  MCP_MESH_TRACE_SAMPLE_RATIO: z.coerce.number().min(0).max(1).default(1),
  MCP_MESH_TRACE_STREAM_MAXLEN: z.coerce.number().int().nonnegative().default(TRACE_STREAM_MAXLEN),
  REDIS_URL: z.string().optional(),
  MCP_MESH_TRACE_REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  REDIS_TLS_CA: z.string().optional(),
  REDIS_TLS_CERT: z.string().optional(),
  REDIS_TLS_KEY: z.string().optional(),
  MCP_MESH_LOG_LEVEL: z.string().toLowerCase()
    .transform((level) => level === "warning" ? "warn" : level === "trace" ? "debug" : level)
    .pipe(z.enum(["debug", "info", "warn", "error"])).default("info"),
});

/** Time for calls under way at a stop: a model may take half a minute over one answer. */
const DRAIN_MS = { model: 30_000, other: 10_000 };

/** Variables whose values are not shown. */
const SECRET: ReadonlySet<string> = new Set([
  "MCP_MESH_INSTANCE_TOKEN",
  "MCP_MESH_REQUEST_STATE_KEY",
  "REDIS_URL",
  "MCP_MESH_TRACE_REDIS_URL",
]);

/** The variables of {@linkcode AgentConfig} that the process may read, from the process's environment. */
export function readEnvironment(): Environment {
  return readVariables(Object.keys(EnvSchema.shape));
}

/**
 * The configuration of one agent.
 *
 * @param environment Beats what the manifest says. Empty values count as absent.
 * @throws {MeshError} `bad_config` naming the variable and its value.
 */
export function agentConfig(environment: Environment, manifest: AgentManifest): AgentConfig {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = EnvSchema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0]);
    throw new MeshError(
      "bad_config",
      `${shown(name, given[name])} cannot be used: ${issue?.message}; correct or unset it`,
    );
  }
  const env = parsed.data;
  const registryUrl = env.MCP_MESH_REGISTRY_URL.replace(/\/+$/, "");
  const name = env.MCP_MESH_AGENT_NAME ?? manifest.name;
  const registryHost = new URL(registryUrl).hostname;
  const advertisedHost = env.MCP_MESH_HTTP_HOST ??
    (isLoopback(registryHost) ? loopbackLike(registryHost) : networkAddress(registryHost));
  // An agent may have a use of its own for another kind of address.
  const redisUrl = env.REDIS_URL?.match(/^rediss?:\/\//)
    ? env.REDIS_URL
    : env.MCP_MESH_TRACE_REDIS_URL;
  const bindHost = env.HOST ?? listeningAddress(advertisedHost, hasIpv6());
  return {
    agentId: env.MCP_MESH_AGENT_ID ?? newId(name, manifest.type),
    instanceToken: env.MCP_MESH_INSTANCE_TOKEN ?? newInstanceToken(),
    name,
    namespace: env.MCP_MESH_NAMESPACE ?? manifest.namespace ?? "default",
    registryUrl,
    advertisedHost,
    bindHost,
    port: env.MCP_MESH_HTTP_PORT ?? manifest.port ?? 0,
    heartbeatMs: Math.max(env.MCP_MESH_HEALTH_INTERVAL, 50),
    holdsStream: env.MCP_MESH_WIRING_STREAM,
    settleMs: env.MCP_MESH_SETTLE_TIMEOUT,
    callTimeoutMs: env.MCP_MESH_CALL_TIMEOUT || 300_000,
    drainMs: env.MCP_MESH_SHUTDOWN_TIMEOUT ??
      (hasModel(manifest) ? DRAIN_MS.model : DRAIN_MS.other),
    healthCheckMs: Math.max(env.MCP_MESH_HEALTH_CHECK_TTL, 50),
    maxConcurrency: env.MCP_MESH_MAX_CONCURRENCY,
    maxConnections: env.MCP_MESH_MAX_CONNECTIONS,
    memoryBytes: env.MCP_MESH_MEMORY_LIMIT,
    dataBytes: env.MCP_MESH_DATA_LIMIT,
    propagateHeaders: env.MCP_MESH_PROPAGATE_HEADERS,
    allowedHosts: env.MCP_MESH_ALLOWED_HOSTS,
    hasSessions: env.MCP_MESH_MCP_SESSIONS ?? manifest.sessions,
    stateKey: env.MCP_MESH_REQUEST_STATE_KEY === undefined
      ? crypto.getRandomValues(new Uint8Array(32))
      : new TextEncoder().encode(env.MCP_MESH_REQUEST_STATE_KEY),
    llm: {
      model: env.MESH_LLM_MODEL,
      maxIterations: env.MESH_LLM_MAX_ITERATIONS,
      toolMode: env.MESH_LLM_FILTER_MODE,
    },
    dataFolder: env.MCP_MESH_DATA_DIR,
    logLevel: env.MCP_MESH_LOG_LEVEL,
    logFormat: env.MCP_MESH_LOG_FORMAT,
    tracing: {
      mode: modeOf(env.MCP_MESH_DISTRIBUTED_TRACING_ENABLED),
      ratio: env.MCP_MESH_TRACE_SAMPLE_RATIO,
      redisUrl,
      redisTls: redisUrl?.startsWith("rediss://")
        ? tlsMaterial({
          REDIS_TLS_CA: env.REDIS_TLS_CA,
          REDIS_TLS_CERT: env.REDIS_TLS_CERT,
          REDIS_TLS_KEY: env.REDIS_TLS_KEY,
        })
        : undefined,
      streamMaxLength: env.MCP_MESH_TRACE_STREAM_MAXLEN,
    },
  };
}

/** A variable with its value, unless that is nobody's business. */
function shown(name: string, value: string | undefined): string {
  // An address may carry a password.
  return SECRET.has(name) || value?.includes("@") ? name : `${name}=${value}`;
}

/** Unless it is said otherwise, whoever asks for a trace gets one. */
function modeOf(enabled: boolean | undefined): TracingMode {
  if (enabled === undefined) return "asked";
  return enabled ? "on" : "off";
}

/** An id nobody has; that of a gateway says that it is one (registry-protocol §2.1). */
function newId(name: string, type: AgentType): string {
  const kind = type === "api" && !name.includes("api") ? "-api" : "";
  return `${name}${kind}-${crypto.randomUUID().slice(0, 8)}`;
}

/** A secret of 256 bits. */
function newInstanceToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** This machine's address that others can reach; its absence is a wrong guess waiting, so say so. */
function networkAddress(registryHost: string): string {
  if (!mayReadInterfaces()) {
    throw new MeshError(
      "bad_config",
      "MCP_MESH_HTTP_HOST is not set and this process may not look its address up; set it to the address peers reach this agent at",
    );
  }
  return reachableAddress(Deno.networkInterfaces(), registryHost) ?? "127.0.0.1";
}

function hasIpv6(): boolean {
  return mayReadInterfaces() && Deno.networkInterfaces().some(({ family }) => family === "IPv6");
}

function mayReadInterfaces(): boolean {
  return Deno.permissions.querySync({ name: "sys", kind: "networkInterfaces" }).state === "granted";
}
