/**
 * Every environment variable of the registry: its name, what it is without being set, its unit and
 * what it means. `config.ts` reads exactly these; the README's table is this one.
 *
 * @module
 */

import { TRACE_VARIABLES } from "./trace_variables.ts";
import type { Variable } from "./variable.ts";

/** All of them, in the README's order. */
export const VARIABLES = [
  {
    name: "HOST",
    fallback: "localhost",
    unit: "text",
    meaning: "address to bind, `::` for all of IPv4 and IPv6; flag `--host` wins",
  },
  {
    name: "PORT",
    fallback: "8000",
    unit: "port",
    meaning: "port to bind, 0 for any; flag `--port` wins",
  },
  {
    name: "MCP_MESH_MAX_CONNECTIONS",
    fallback: "none",
    unit: "count",
    meaning:
      "most connections of each port at a time; with it, connections without a request, and " +
      "requests whose head comes slowly, are bounded too, at two to four times the cost of a request",
  },
  {
    name: "MCP_MESH_KV",
    fallback: ".mesh/registry.kv",
    unit: "address",
    meaning: "database file, or KV Connect address; flag `--kv` wins",
  },
  {
    name: "HEALTH_CHECK_INTERVAL",
    fallback: "10",
    unit: "seconds",
    meaning: "longest time between looks for silent agents; at most half the threshold",
  },
  {
    name: "DEFAULT_TIMEOUT_THRESHOLD",
    fallback: "20",
    unit: "seconds",
    meaning: "silence that makes an agent unhealthy",
  },
  {
    name: "MCP_MESH_RETENTION",
    fallback: "1h",
    unit: "seconds",
    meaning: "how long a dead agent stays listed; 0 for ever",
  },
  {
    name: "MCP_MESH_SWEEP_INTERVAL",
    fallback: "5m",
    unit: "seconds",
    meaning: "time between sweeps",
  },
  {
    name: "MCP_MESH_EVENT_MAX_ROWS",
    fallback: "100000",
    unit: "count",
    meaning: "most events kept; 0 keeps all",
  },
  {
    name: "MCP_MESH_PROXY_TIMEOUT",
    fallback: "60",
    unit: "seconds",
    meaning: "time of a call through the proxy or `/mcp` that does not say; at most 600",
  },
  {
    name: "MCP_MESH_SHUTDOWN_TIMEOUT",
    fallback: "10",
    unit: "seconds",
    meaning: "time of calls under way through the proxy or `/mcp` when the registry stops",
  },
  {
    name: "MCP_MESH_PROPAGATE_HEADERS",
    fallback: "none",
    unit: "list",
    meaning: "further headers the proxy and `/mcp` let through: names and `prefix*`",
  },
  {
    name: "MCP_MESH_ALLOWED_HOSTS",
    fallback: "none",
    unit: "list",
    meaning: "names a request's `Host` and `Origin` may have, besides loopback's; " +
      "`*` for any. Set, or bound to loopback: others get 403",
  },
  {
    name: "MCP_MESH_ENDPOINT_HOSTS",
    fallback: "none",
    unit: "list",
    meaning:
      "hosts that agents of other machines may register besides the address they come from: " +
      "names, `*.suffix`, addresses, networks, `*`. Unset: any name",
  },
  {
    name: "MCP_MESH_PUBLIC_URL_PREFIX",
    fallback: "none",
    unit: "address",
    meaning: "`http(s)` address under which A2A surfaces are reached from outside",
  },
  {
    name: "MCP_MESH_ADMIN_TOKEN",
    fallback: "none",
    unit: "text",
    meaning: "what `/admin/*` wants as `Authorization: Bearer …`. Unset: loopback peers only",
  },
  {
    name: "MCP_MESH_ADMIN_PORT",
    fallback: "0",
    unit: "port",
    meaning: "port of `/admin/*`, which is on no other then; 0 leaves it on the main port",
  },
  {
    name: "MCP_MESH_NAMESPACE_STRICT",
    fallback: "false",
    unit: "flag",
    meaning: "`true`: who names no namespace sees `default` only, and `*` is for operators",
  },
  {
    name: "MCP_MESH_MCP",
    fallback: "loopback",
    unit: "text",
    meaning: "who may use `/mcp` and `/proxy`: `loopback` (programs of this machine), `on` " +
      "(everybody) or `off`",
  },
  {
    name: "MCP_MESH_MCP_TOKEN",
    fallback: "none",
    unit: "text",
    meaning:
      "what `/mcp` and `/proxy` want as `Authorization: Bearer …`, or the admin token instead",
  },
  ...TRACE_VARIABLES,
] as const satisfies readonly Variable[];

/** The name of one of the registry's variables. */
export type VariableName = typeof VARIABLES[number]["name"];

/** The table of variables in Markdown, without padding. */
export function variableTable(): string {
  const named: readonly Variable[] = VARIABLES;
  const shown = named.filter(({ isVariant }) => !isVariant);
  const rows = shown.map(({ name, fallback, unit, meaning }) =>
    `| \`${name}\` | ${fallback === "none" ? fallback : `\`${fallback}\``} | ${unit} | ${meaning} |`
  );
  return ["| variable | default | unit | meaning |", "| --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}
