import { deepEqual, equal, match } from "node:assert/strict";
import { Entry } from "../directory/entry.ts";
import type { AgentRecord } from "../directory/record.ts";
import { proxyTarget, targetAgent } from "./proxy_target.ts";

const targets: [path: string, host: string, port: number, rest: string][] = [
  ["h:1/mcp", "h", 1, "mcp"],
  ["h:1/mcp/", "h", 1, "mcp/"],
  ["h:1/mcp/a%20b", "h", 1, "mcp/a%20b"],
  ["h:1/mcp/a..b/...", "h", 1, "mcp/a..b/..."],
  ["h:1/mcp?x=../..", "h", 1, "mcp"],
  ["[::1]:8000/mcp", "[::1]", 8000, "mcp"],
  ["h%3A1/mcp", "h", 1, "mcp"],
  ["noport/mcp", "noport", 0, "mcp"],
];
for (const [path, host, port, rest] of targets) {
  Deno.test(`proxyTarget() reads ${path}`, () => {
    const target = proxyTarget(`http://localhost/proxy/${path}`);
    if ("fault" in target) throw new Error(target.fault);
    deepEqual([target.host, target.port, target.path], [host, port, rest]);
  });
}

const faults: [id: string, path: string, fault: RegExp][] = [
  ["X4", "h:1", /^Invalid target format: missing path\. Expected format: \{host\}/],
  ["X4 empty", "", /^Invalid target format/],
  ["X3", "h:1/jobs/x/cancel", /^Only \/mcp\/\* paths are allowed for proxying$/],
  ["X3 prefix", "h:1/mcpx", /^Only/],
  ["X3 slash", "h:1/", /^Only/],
  ["X3 encoded", "h:1/%6dcp", /^Only/],
  ["raw ..", "h:1/mcp/../jobs", /'\.\.'/],
  ["raw .. last", "h:1/mcp/..", /'\.\.'/],
  ["encoded", "h:1/mcp/%2e%2e/jobs", /'\.\.'/],
  ["half encoded", "h:1/mcp/.%2E/jobs", /'\.\.'/],
  ["encoded slash", "h:1/mcp/..%2fjobs", /'\.\.'/],
  ["encoded twice", "h:1/mcp/%252e%252e/jobs", /'\.\.'/],
  ["encoded five times", "h:1/mcp/%252525252e%252525252e/x", /'\.\.'/],
  ["encoded for ever", `h:1/mcp/%${"25".repeat(30_000)}2e`, /8 layers/],
  ["backslash", "h:1/mcp/..%5cjobs", /'\.\.'/],
  ["before the path", "../h:1/mcp", /'\.\.'/],
  ["broken encoding", "h:1/mcp/%zz", /percent-encoding/],
];
for (const [id, path, fault] of faults) {
  Deno.test(`${id}: proxyTarget() refuses ${path || "nothing"}`, () => {
    const target = proxyTarget(`http://localhost/proxy/${path}`);
    match("fault" in target ? target.fault : "accepted", fault);
  });
}

function entry(id: string, host: string, port: number, status: "healthy" | "unhealthy"): Entry {
  const record: AgentRecord = {
    id,
    name: id.replace(/-\d+$/, ""),
    namespace: "default",
    agentType: "mcp_agent",
    runtime: "deno",
    version: "",
    description: "",
    host,
    port,
    a2aProducer: false,
    a2aConsumer: false,
    surfaces: [],
    tools: [],
    createdAt: 0,
  };
  return new Entry(record, { status, seen: 0 });
}

const entries = [
  entry("api-1", "10.0.0.1", 80, "unhealthy"),
  entry("api-2", "10.0.0.2", 80, "healthy"),
  entry("six-1", "::1", 90, "healthy"),
  entry("stdio-1", "", 0, "healthy"),
  entry("dead-1", "10.0.0.3", 70, "unhealthy"),
];
const lookups: [id: string, host: string, port: number, found: string | undefined][] = [
  ["by host", "10.0.0.1", 80, "api-1"],
  ["by id", "api-1", 80, "api-1"],
  ["X5 by name, the living one", "api", 80, "api-2"],
  ["X6 a dead one", "dead", 70, "dead-1"],
  ["X2 another port", "10.0.0.1", 81, undefined],
  ["X2 another host", "evil", 80, undefined],
  ["IPv6", "[::1]", 90, "six-1"],
  ["IPv6 without brackets", "::1", 90, "six-1"],
  ["IPv6 in another spelling", "[0:0:0::1]", 90, "six-1"],
  ["IPv6 at another port", "[::1]", 91, undefined],
  ["no address", "stdio", 0, undefined],
];
for (const [id, host, port, found] of lookups) {
  Deno.test(`targetAgent() ${id}`, () => {
    equal(targetAgent(entries, { host, port })?.id, found);
  });
}
