/**
 * Requests a second to the routes of a gateway, in both hosts, beside a bare `Deno.serve` that answers
 * the same, and events a second to one reader. Part of `deno task bench`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Load, measure } from "../../.ci/bench/load.ts";
import type { Row, Section } from "../../.ci/bench/section.ts";
import { type ServerProcess, startServer } from "../../.ci/bench/server_process.ts";
import { sandboxed } from "../mcp/server_bench.ts";

/** What is asked. */
const REQUESTS: Record<string, Pick<Load, "request" | "expects">> = {
  "Routes of a gateway: GET with a parameter": {
    request: { method: "GET", path: "/cities/Tokyo" },
    expects: '{"city":"Tokyo"}',
  },
  "Routes of a gateway: POST with a checked body": {
    request: {
      method: "POST",
      path: "/sums",
      headers: { "content-type": "application/json" },
      body: '{"a":19,"b":23}',
    },
    expects: '{"sum":42}',
  },
};
const EVENTS = 50_000;

function program(name: string): string[] {
  const file = fileURLToPath(new URL(`./testdata/${name}`, import.meta.url));
  return ["run", "--quiet", "-A", "--no-prompt", file];
}

/** Runs the benchmark, a section a kind of request; about 35 s. */
export async function benchRoutes(): Promise<Section[]> {
  const folder = await Deno.makeTempDir();
  // Nothing listens there: the gateway serves without a registry.
  const env = { MCP_MESH_REGISTRY_URL: "http://127.0.0.1:9" };
  const gateway = new URL("./testdata/bench_gateway.ts", import.meta.url);
  const servers: [what: Pick<Row, "what" | "role">, args: (port: number) => string[]][] = [
    [{ what: "gateway, code in sandbox" }, () => sandboxed(gateway, folder)],
    [{ what: "gateway, code in thread" }, () => program("bench_gateway.ts")],
    [{ what: "bare Deno.serve", role: "limit" }, (port) => [
      ...program("bench_bare.ts"),
      String(port),
    ]],
  ];
  try {
    const titles = [...Object.keys(REQUESTS), "Routes of a gateway: events to one reader"];
    const sections: Section[] = titles.map((title) => ({ title, rows: [] }));
    for (const [what, args] of servers) {
      await using server = await startServer(args, env);
      const rows = await measureAll(server);
      rows.forEach((row, index) => sections[index]?.rows.push({ ...what, ...row }));
    }
    return sections;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function measureAll({ port, cpuSeconds }: ServerProcess): Promise<Omit<Row, "what">[]> {
  const rows: Omit<Row, "what">[] = [];
  for (const request of Object.values(REQUESTS)) {
    rows.push(await measure({ hostname: "127.0.0.1", port, cpuSeconds, ...request }));
  }
  await readEvents(port);
  const ms = await readEvents(port);
  return [...rows, { perSecond: EVENTS / ms * 1000, p50Ms: ms / EVENTS, p99Ms: NaN }];
}

/** Reads all events there are; how long it took, in milliseconds. */
async function readEvents(port: number): Promise<number> {
  const start = performance.now();
  const text = await (await fetch(`http://127.0.0.1:${port}/events`)).text();
  if (!text.endsWith(`data: event ${EVENTS - 1}\n\ndata: [DONE]\n\n`)) {
    throw new Error(`expected ${EVENTS} events, got ${text.slice(-200)}`);
  }
  return performance.now() - start;
}
