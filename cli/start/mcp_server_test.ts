import { deepEqual, equal, throws } from "node:assert/strict";
import { INHERITED } from "../../runtime/bridge/target.ts";
import { SERVER_PLAN_VARIABLE, type ServerPlan } from "../../runtime/bridge/server_plan.ts";
import type { CliError } from "../base/exit.ts";
import type { AgentSource } from "./agent_source.ts";
import { type McpOptions, mcpServerSources } from "./mcp_server.ts";

const variables = { TOKEN: "a-secret", HOST: "host.test" };

function sources(options: Partial<McpOptions>): AgentSource[] {
  const none: McpOptions = { mcp: [], "mcp-tags": [], "mcp-header": [], "mcp-env": [] };
  return mcpServerSources({ ...none, ...options }, { variables, root: "/project" });
}

function planOf(source: AgentSource | undefined): ServerPlan {
  return JSON.parse(source?.variables?.[SERVER_PLAN_VARIABLE] ?? "null");
}

Deno.test("mcpServerSources() of a command line may run that command and read what it inherits", () => {
  const [source] = sources({
    mcp: ["memory=npx -y 'a server' ${TOKEN}"],
    "mcp-tags": ["memory=notes, kv,", "memory=more"],
    "mcp-env": ["memory=TOKEN", "memory=FILE=/tmp/x=${HOST}"],
  });
  deepEqual(planOf(source), {
    name: "memory",
    tags: ["notes", "kv", "more"],
    label: "npx -y 'a server' ${TOKEN}",
    command: "npx",
    args: ["-y", "a server", "a-secret"],
    env: { TOKEN: "a-secret", FILE: "/tmp/x=host.test" },
  });
  const { variables: _, ...rest } = source ?? {};
  deepEqual(rest, {
    file: "/project/runtime/bridge/planned_server.ts",
    origin: "npx -y 'a server' ${TOKEN}",
    name: "memory",
    permissions: { run: ["npx"], env: [SERVER_PLAN_VARIABLE, ...INHERITED] },
    declared: true,
  });
});

const urls: [target: string, net: string, label: string, url: string][] = [
  ["https://host.test/mcp?key=x#y", "host.test:443", "https://host.test/mcp", ""],
  ["http://[::1]/mcp", "[::1]:80", "http://[::1]/mcp", ""],
  [
    "HTTPS://u:p@host.test:8443/",
    "host.test:8443",
    "HTTPS://host.test:8443/",
    "https://u:p@host.test:8443/",
  ],
  [
    "https://${HOST}/${TOKEN}/mcp",
    "host.test:443",
    "https://${HOST}/${TOKEN}/mcp",
    "https://host.test/a-secret/mcp",
  ],
];
for (const [target, net, label, url] of urls) {
  Deno.test(`mcpServerSources() of ${target} may reach ${net} and is shown as ${label}`, () => {
    const [source] = sources({
      mcp: [`docs=${target}`],
      "mcp-header": ["docs=Authorization: Bearer ${TOKEN}", "docs=X-Empty:"],
    });
    deepEqual(source?.permissions, { net: [net], env: [SERVER_PLAN_VARIABLE] });
    equal(source?.origin, label);
    const plan = planOf(source);
    equal(plan.url, url || target);
    deepEqual(plan.headers, { Authorization: "Bearer a-secret", "X-Empty": "" });
  });
}

const refused: [options: Partial<McpOptions>, message: RegExp][] = [
  [{ mcp: ["npx -y server"] }, /--mcp begins with no NAME=/],
  [{ mcp: ["=npx"] }, /--mcp begins with no NAME=/],
  [{ mcp: ["A_b=npx"] }, /--mcp names an agent "A_b", which is no agent name/],
  [{ mcp: ["a=x", "a=y"] }, /--mcp names two servers "a"/],
  [{ mcp: ["registry=x"] }, /is named "registry", which is the registry's own name/],
  [{ mcp: ["a="] }, /--mcp a= names no server/],
  [{ mcp: ["a=npx 'x"] }, /opens a quote and does not close it/],
  [{ mcp: ["a=http://"] }, /--mcp a=http:\/\/ is no URL/],
  [{ mcp: ["a=x ${NOPE}"] }, /--mcp wants the variable NOPE, which is not set/],
  [{ mcp: ["a=x"], "mcp-tags": ["b=t"] }, /--mcp-tags is for "b", and there is no --mcp of/],
  [{ "mcp-tags": ["b=t"] }, /--mcp-tags is for "b", and there is no --mcp of/],
  [{ mcp: ["a=x"], "mcp-header": ["a=A: b"] }, /--mcp-header means nothing to "a", which is a com/],
  [
    { mcp: ["a=https://h"], "mcp-env": ["a=A=b"] },
    /--mcp-env means nothing to "a", which is a URL/,
  ],
  [{ mcp: ["a=https://h"], "mcp-header": ["a=Bearer x"] }, /--mcp-header for "a" is no header/],
  [{ mcp: ["a=x"], "mcp-env": ["a=1=b"] }, /--mcp-env is no NAME=KEY/],
  [{ mcp: ["a=x"], "mcp-env": ["a=NOPE"] }, /--mcp-env wants the variable NOPE/],
];
for (const [options, message] of refused) {
  Deno.test(`mcpServerSources(${JSON.stringify(options)}) is a usage error`, () => {
    throws(
      () => sources(options),
      (error: CliError) => error.code === 2 && message.test(error.message),
    );
  });
}
