/**
 * How many heartbeats and listings a second one registry process answers over loopback with 1,000
 * agents, or as many as the argument says, beside a `Deno.serve` that only says 200: the limit of
 * this machine and of this client.
 *
 * Run: `deno run -A registry/suites/heartbeat_bench.ts [agents]`
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { agentOf, measure, memory, report, request, started } from "./bench_load.ts";

const AGENTS = Number(Deno.args[0] ?? 1_000);
const BARE = "Deno.serve({ port: Number(Deno.args[0]), onListen() {} }, () => new Response())";

async function run(): Promise<string[]> {
  const lines = [`${"".padEnd(34)}     per s    p50 ms    p99 ms`];
  {
    await using bare = await started({
      program: Deno.execPath(),
      args: (port) => ["eval", BARE, String(port)],
    });
    lines.push(
      report("bare Deno.serve", await measure(bare.connections, [request("HEAD /")], true)),
    );
  }
  const folder = await Deno.makeTempDir();
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const flags = ["run", "-A", "--unstable-kv", main, "--host", "127.0.0.1"];
  {
    await using registry = await started({
      program: Deno.execPath(),
      args: (port) => [...flags, "--port", String(port), "--kv", `${folder}/bench.kv`],
    });
    const { connections } = registry;
    const [first] = connections;
    const posts = Array.from(
      { length: AGENTS },
      (_, index) => request("POST /heartbeat", agentOf(index, AGENTS, "python")),
    );
    const heads = Array.from(
      { length: AGENTS },
      (_, index) => request(`HEAD /heartbeat/agent-${index}`),
    );
    const start = performance.now();
    for (const post of posts) await first?.send(post, false);
    const joined = performance.now() - start;
    // Everyone asks once more, so that all know their wiring before beats are counted.
    for (const post of posts) await first?.send(post, false);
    lines.push(report("HEAD /heartbeat/{id}", await measure(connections, heads, true)));
    lines.push(report("POST /heartbeat, nothing new", await measure(connections, posts)));
    const beating = memory(registry.pid);
    lines.push(
      report("GET /agents", await measure(connections.slice(0, 1), [request("GET /agents")])),
    );
    lines.push(`one listing is ${Math.round((first?.received ?? 0) / 1000)} KB`);
    lines.push(`${AGENTS} agents joined one after another in ${joined.toFixed(0)} ms`);
    lines.push(`registry memory: ${beating} after the beats, ${memory(registry.pid)} at the end`);
  }
  await Deno.remove(folder, { recursive: true });
  return lines;
}

if (import.meta.main) {
  for (const line of await run()) {
    await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
  }
}
