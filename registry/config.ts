/**
 * The registry's settings: the only module of this room that reads the environment. A value that
 * cannot be used stops the start and names its variable.
 *
 * @module
 */
import { z } from "zod";
import { parseDuration } from "./duration.ts";
import { RegistryError } from "./error.ts";
import { type HeaderList, headerList } from "./header_list.ts";
import type { McpOpening } from "./mcp/access.ts";
import { type VariableName, VARIABLES } from "./variables.ts";

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
  /** Further headers the proxy lets through. @default none */
  propagateHeaders: HeaderList;
  /** Host names a request may name, and come from; `undefined` lets every name through. */
  allowedHosts: readonly string[] | undefined;
  /** Where A2A surfaces are reached from outside, without a slash at its end; `undefined` is nowhere. */
  publicUrlPrefix: string | undefined;
  /** What `/admin/*` wants to be shown; `undefined` lets only this machine in. */
  adminToken: string | undefined;
  /** Port of `/admin/*`, which is on no other then; 0 leaves it on the main port. @default 0 */
  adminPort: number;
  /** To whom `/mcp` is open. @default "loopback" */
  mcp: McpOpening;
  /** What `/mcp` wants to be shown; `undefined` asks for nothing. */
  mcpToken: string | undefined;
  /** Whether every namespace at once is for operators only. @default false */
  namespaceStrict: boolean;
}

/** Where the registry listens and keeps its state. */
export interface ServerConfig {
  /** Address to bind. @default "localhost" */
  host: string;
  /** Port to bind; 0 lets the system choose. @default 8000 */
  port: number;
  /** Path of the database file, or the `http(s)` address of a KV Connect server. */
  kv: string;
  /** What the application needs. */
  registry: RegistryConfig;
}

/** Longest time a proxied call may take, whoever asks: 600 s. */
export const PROXY_TIMEOUT_MAX_MS = 600_000;

const duration = (fallbackMs: number) =>
  z.string().default("").transform((text, context) => {
    if (text.trim() === "") return fallbackMs;
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    context.addIssue("expected seconds, such as 20 or 0.5, or a duration such as 1m30s");
    return z.NEVER;
  });

const positive = (fallbackMs: number) =>
  duration(fallbackMs).refine((ms) => ms > 0, "expected a time longer than 0");

const integer = (fallback: number, max: number) =>
  z.string().default("").transform((text, context) => {
    if (text.trim() === "") return fallback;
    const value = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
    if (value <= max) return value;
    context.addIssue(`expected a whole number from 0 to ${max}`);
    return z.NEVER;
  });

const names = z.string().default("").transform((text) =>
  text.split(",").map((name) => name.trim().toLowerCase()).filter((name) => name !== "")
);

const flag = z.string().default("").transform((text, context) => {
  const value = text.trim().toLowerCase();
  if (["true", "1", "false", "0", ""].includes(value)) return value === "true" || value === "1";
  context.addIssue("expected true or false");
  return z.NEVER;
});

const optional = z.string().default("").transform((text) => text.trim() || undefined);

const publicUrl = optional.refine(
  (text) => text === undefined || (/^https?:\/\//i.test(text) && URL.canParse(text)),
  "expected an address such as https://agents.example.com",
).transform((text) => text?.replace(/\/+$/, ""));

const token = optional.refine(
  (text) => text === undefined || /^[\x21-\x7e]{8,}$/.test(text),
  "expected at least 8 printable characters without spaces",
);

const opening = z.string().default("").transform((text) => text.trim().toLowerCase() || "loopback")
  .pipe(z.enum(["loopback", "on", "off"], "expected loopback, on or off"));

const EnvironmentSchema = z.object(
  {
    HOST: z.string().default("").transform((host) => host.trim() || "localhost"),
    PORT: integer(8000, 65_535),
    MCP_MESH_KV: z.string().default("").transform((kv) => kv.trim() || ".mesh/registry.kv"),
    HEALTH_CHECK_INTERVAL: positive(10_000),
    DEFAULT_TIMEOUT_THRESHOLD: positive(20_000),
    MCP_MESH_RETENTION: duration(3_600_000),
    MCP_MESH_SWEEP_INTERVAL: positive(300_000),
    MCP_MESH_EVENT_MAX_ROWS: integer(100_000, Number.MAX_SAFE_INTEGER),
    MCP_MESH_PROXY_TIMEOUT: positive(60_000),
    MCP_MESH_PROPAGATE_HEADERS: names.transform(headerList),
    MCP_MESH_ALLOWED_HOSTS: names,
    MCP_MESH_PUBLIC_URL_PREFIX: publicUrl,
    MCP_MESH_ADMIN_TOKEN: token,
    MCP_MESH_ADMIN_PORT: integer(0, 65_535),
    MCP_MESH_NAMESPACE_STRICT: flag,
    MCP_MESH_MCP: opening,
    MCP_MESH_MCP_TOKEN: token,
  } satisfies Record<VariableName, z.ZodType>,
);

/** The registry's variables of this process. */
export function processEnvironment(): Record<string, string> {
  const entries = VARIABLES.map(({ name }) => [name, Deno.env.get(name)] as const);
  return Object.fromEntries(
    entries.filter((entry): entry is [typeof entry[0], string] => entry[1] !== undefined),
  );
}

/**
 * Settings from variables; those absent or empty have their defaults.
 *
 * @throws RegistryError `bad_config`, naming the variable and its value.
 */
export function readConfig(env: Readonly<Record<string, string>>): ServerConfig {
  const parsed = EnvironmentSchema.safeParse(env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? "");
    throw new RegistryError(
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
    kv: values.MCP_MESH_KV,
    registry: {
      thresholdMs: values.DEFAULT_TIMEOUT_THRESHOLD,
      scanMs: Math.min(values.HEALTH_CHECK_INTERVAL, values.DEFAULT_TIMEOUT_THRESHOLD / 2),
      retentionMs: values.MCP_MESH_RETENTION,
      sweepMs: values.MCP_MESH_SWEEP_INTERVAL,
      eventMaxRows: values.MCP_MESH_EVENT_MAX_ROWS,
      proxyTimeoutMs: Math.min(values.MCP_MESH_PROXY_TIMEOUT, PROXY_TIMEOUT_MAX_MS),
      propagateHeaders: values.MCP_MESH_PROPAGATE_HEADERS,
      allowedHosts: allowed.length > 0 ? allowed : undefined,
      publicUrlPrefix: values.MCP_MESH_PUBLIC_URL_PREFIX,
      adminToken: values.MCP_MESH_ADMIN_TOKEN,
      adminPort: values.MCP_MESH_ADMIN_PORT,
      namespaceStrict: values.MCP_MESH_NAMESPACE_STRICT,
      mcp: values.MCP_MESH_MCP,
      mcpToken: values.MCP_MESH_MCP_TOKEN,
    },
  };
}

/** A value as messages show it: a secret is not. */
function shown(name: string, value: string): string {
  return name.endsWith("_TOKEN") ? "…" : JSON.stringify(value);
}
