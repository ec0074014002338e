/**
 * `deno task soak [minutes] [calls a second]`: calls across a chain of three agents while replicas of
 * the second and the third are killed and started again. Ends with 1 when a call failed that no kill
 * explains, or when the first agent holds on to memory. Default: 10 minutes, 2,000 calls a second.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { errorText } from "../runtime/base/errors.ts";
import { callTool } from "../runtime/mcp/client.ts";
import { decodeResult } from "../runtime/boundary/result.ts";
import { startServer } from "./bench/server_process.ts";
import { Account } from "./soak/account.ts";
import { Replicas } from "./soak/replicas.ts";

const MINUTE = 60_000;
/** Between kills, milliseconds. */
const KILL_EVERY_MS = 7_000;
/** Between bursts of calls, milliseconds. */
const BURST_EVERY_MS = 10;
/** Most calls at a time: an agent refuses more than 256. */
const MOST_UNDER_WAY = 200;
/** How much the heap may grow after the first minute. */
const MOST_GROWTH = 1.05;

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const program = (...args: string[]) => ["run", "--quiet", "-A", "--no-prompt", ...args];

async function soak(minutes: number, perSecond: number): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  try {
    await using registry = await startServer((port) => [
      ...program(file("../registry/main.ts"), "--host", "127.0.0.1", "--port", String(port)),
      ...["--kv", join(folder, "registry.kv")],
    ]);
    const env = { MCP_MESH_REGISTRY_URL: `http://127.0.0.1:${registry.port}` };
    await using far = await Replicas.start("far", folder, env);
    await using middle = await Replicas.start("middle", folder, env);
    await using front = await startServer(
      () => program("--v8-flags=--expose-gc", file("./soak/front_agent.ts")),
      env,
    );
    const call = async (tool: string, args: Record<string, unknown> = {}) =>
      decodeResult(
        await callTool(fetch, {
          endpoint: `http://127.0.0.1:${front.port}`,
          tool,
          args,
          signal: AbortSignal.timeout(30_000),
          remainingMs: 30_000,
          headers: {},
        }),
      );
    const account = new Account();
    const one = async (a: number) => {
      try {
        const { sum } = await call("front", { a }) as { sum: number };
        if (sum !== a + 2) throw new Error(`expected ${a + 2}, got ${sum}`);
        account.succeeded();
      } catch (error) {
        account.failed({ at: performance.now(), text: errorText(error) });
      }
    };
    const stop = new AbortController();
    const killing = kill([middle, far], account, stop.signal);
    const heaps: number[] = [];
    for (let minute = 1; minute <= minutes; minute++) {
      await load(one, perSecond, MINUTE);
      heaps.push(await call("heap") as number);
      const { calls, failures, kills } = account.numbers;
      console.log(
        `${minute} min: ${calls} calls, ${failures} failed, ${kills} kills, heap ${
          (heaps.at(-1)! / 2 ** 20).toFixed(1)
        } MiB`,
      );
    }
    stop.abort();
    await killing;
    return verdict(account, heaps);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Makes calls at a rate for a while, and waits for the last of them. */
async function load(
  call: (number: number) => Promise<void>,
  perSecond: number,
  ms: number,
): Promise<void> {
  const start = performance.now();
  const underWay = new Set<Promise<void>>();
  for (let made = 0; performance.now() - start < ms;) {
    const due = Math.floor((performance.now() - start) / 1000 * perSecond);
    for (; made < due && underWay.size < MOST_UNDER_WAY; made++) {
      const calling = call(made);
      underWay.add(calling);
      void calling.finally(() => underWay.delete(calling));
    }
    // What the machine cannot do is left out, not made up for.
    made = due;
    await new Promise((resolve) => setTimeout(resolve, BURST_EVERY_MS));
  }
  await Promise.all(underWay);
}

async function kill(
  victims: readonly Replicas[],
  account: Account,
  signal: AbortSignal,
): Promise<void> {
  for (let round = 0;; round++) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, KILL_EVERY_MS);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    });
    if (signal.aborted) return;
    await victims[round % victims.length]?.replace((port) =>
      account.killed(port, performance.now())
    );
  }
}

function verdict(account: Account, heaps: readonly number[]): boolean {
  for (const { text } of account.unexplained.slice(0, 10)) console.log(`unexplained: ${text}`);
  const [first = 0] = heaps;
  const growth = (heaps.at(-1) ?? 0) / first;
  console.log(
    `${account.unexplained.length} failures that no kill explains; heap after the last minute is ${
      growth.toFixed(3)
    } of that after the first`,
  );
  return account.unexplained.length === 0 && growth <= MOST_GROWTH;
}

if (import.meta.main) {
  const [minutes = 10, perSecond = 2_000] = Deno.args.map(Number);
  Deno.exit(await soak(minutes, perSecond) ? 0 : 1);
}
