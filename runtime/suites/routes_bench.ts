/**
 * Requests a second to the routes of a gateway, in each isolation, beside a bare `Deno.serve` that answers
 * the same, and events a second to one reader. Part of `deno task bench`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Contender, measureInTurns, medians } from "../../.ci/bench/in_turns.ts";
import type { Load, Measured } from "../../.ci/bench/load.ts";
import type { Section } from "../../.ci/bench/section.ts";
import { startServer } from "../../.ci/bench/server_process.ts";
import { isolatedAgent } from "../mcp/server_bench.ts";
import type { Isolation } from "./hosts_fixture.ts";

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

/** Rounds of events; the servers take turns. */
const EVENT_ROUNDS = 3;

/** Runs the benchmark, a section a kind of request; about 80 s. */
export async function benchRoutes(): Promise<Section[]> {
  const folder = await Deno.makeTempDir();
  // Nothing listens there: the gateway serves without a registry.
  const env = { MCP_MESH_REGISTRY_URL: "http://127.0.0.1:9" };
  const gateway = new URL("./testdata/bench_gateway.ts", import.meta.url);
  const isolated = (isolation: Isolation) => () => isolatedAgent(isolation, gateway, folder);
  const contenders: Contender[] = [
    { what: "gateway, code in a process", args: isolated("process"), env },
    { what: "gateway, code in a worker", args: isolated("worker"), env },
    { what: "gateway, code in thread", args: () => program("bench_gateway.ts"), env },
    {
      what: "bare Deno.serve",
      role: "limit",
      args: (port) => [...program("bench_bare.ts"), String(port)],
    },
  ];
  try {
    const sections: Section[] = [];
    for (const [title, asked] of Object.entries(REQUESTS)) {
      sections.push({ title, rows: await measureInTurns(contenders, asked) });
    }
    return [...sections, await eventSection(contenders)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function eventSection(contenders: readonly Contender[]): Promise<Section> {
  await using running = new AsyncDisposableStack();
  const ports: number[] = [];
  for (const { args, env } of contenders) {
    ports.push(running.use(await startServer(args, env)).port);
  }
  const measured = ports.map((): Measured[] => []);
  for (const port of ports) await readEvents(port);
  for (let round = 0; round < EVENT_ROUNDS; round++) {
    for (const [index, port] of ports.entries()) {
      const ms = await readEvents(port);
      const rate = { perSecond: EVENTS / ms * 1000, p50Ms: ms / EVENTS, p99Ms: NaN };
      measured[index]?.push(rate);
    }
  }
  return {
    title: "Routes of a gateway: events to one reader",
    rows: contenders.map(({ what, role }, index) => ({
      what,
      ...(role && { role }),
      ...medians(measured[index] ?? []),
    })),
  };
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
