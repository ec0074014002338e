/**
 * Calls that must not run twice, over two replicas, while everything around them is stopped, reloaded,
 * killed and frozen at random. Each logged run happens at most once, and each caller's answer tells
 * truly whether it may have run.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { lostRequest } from "../../runtime/base/resend.ts";
import { fixture, type TestMesh, withMesh } from "./meshctl.ts";

/** Fewest calls of a run: calling goes on until each kind of trouble has happened. */
const CALLS = 300;
const AT_A_TIME = 6;
/** Longest a payment takes, milliseconds. */
const LONGEST_MS = 400;

/** What a caller was told: whether its payment was made. */
type Told = "made" | "not made" | "perhaps";

/** A deterministic source of numbers from 0 to 1 (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns `cards` in an order that `chance` gives. */
function shuffled<T>(cards: readonly T[], chance: () => number): T[] {
  return cards.map((card) => ({ card, at: chance() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ card }) => card);
}

async function recordOf(mesh: TestMesh, path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(mesh.home, path), "utf8"));
}

/** Every payment that the replicas wrote down. Logs are rotated away, so they are read now and then. */
class Payments {
  readonly #lines = new Set<string>();

  async collect({ home }: TestMesh): Promise<void> {
    const folder = join(home, "logs");
    for (const name of await readdir(folder).catch(() => [])) {
      if (!name.startsWith("payer")) continue;
      for (const line of (await readFile(join(folder, name), "utf8")).split("\n")) {
        // Its time and its trace tell one run from another.
        if (line.includes("PAID")) this.#lines.add(line);
      }
    }
  }

  /** How often each was made. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const line of this.#lines) {
      const id = /PAID (\S+)/.exec(line)?.[1] ?? "";
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return counts;
  }
}

/** Reads an answer the way a careful caller would: by what it says, not by how it fails. */
function read(status: number, text: string): Told {
  if (status === 200 && !text.includes('"isError":true') && !text.includes('"error"')) {
    return "made";
  }
  return /nothing ran|"nothingRan":true|"may_have_run":false|no healthy agent/.test(text)
    ? "not made"
    : "perhaps";
}

async function post(url: string, body: unknown, accept = "application/json"): Promise<Told> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept, "x-mesh-timeout": "8" },
      // Deno would send a text again by itself.
      body: new Blob([JSON.stringify(body)]),
      signal: AbortSignal.timeout(20_000),
    });
    return read(response.status, await response.text());
  } catch (error) {
    return lostRequest(error).nothingRan ? "not made" : "perhaps";
  }
}

function toolCall(name: string, args: Record<string, unknown>) {
  return { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
}

/** Runs `body` with two homes over one registry, so that each may run a replica of one agent. */
async function withReplicas(body: (mesh: TestMesh, other: TestMesh) => Promise<void>) {
  const drain = { MCP_MESH_SHUTDOWN_TIMEOUT: "5" };
  await withMesh(async (mesh) => {
    const env = { ...drain, MCP_MESH_REGISTRY_URL: mesh.registryUrl };
    await withMesh((other) => body(mesh, other), env);
  }, drain);
}

Deno.test("payments over two replicas are made at most once while everything around them breaks", async () => {
  const seed = Date.now() % 1_000_000;
  const chance = dice(seed);
  const payments = new Payments();
  await withReplicas(async (mesh, other) => {
    const launch = async (replica: TestMesh) => {
      await payments.collect(replica);
      const file = join(replica.home, "payer.ts");
      const { code, stderr } = await replica.run("start", "-d", "--watch", "--no-check", file);
      ok(code === 0 || /already (running|started)|the registry at/.test(stderr), stderr);
    };
    const registry = async () => void await mesh.run("start", "-d", "--registry-only");
    await registry();
    for (const replica of [mesh, other]) {
      await copyFile(fixture("payer"), join(replica.home, "payer.ts"));
      await launch(replica);
    }
    await mesh.run("start", "-d", fixture("shop"), fixture("till"));
    const [shop, till] = await Promise.all(
      ["shop", "till"].map(async (name) =>
        String((await recordOf(mesh, `agents/${name}.json`))["endpoint"])
      ),
    );

    const ways: ((id: string, ms: number) => Promise<Told>)[] = [
      (id, ms) => post(`${shop}/mcp`, toolCall("buy", { id, ms }), ACCEPT),
      (id, ms) => post(`${till}/pay`, { id, ms }),
      (id, ms) => post(`${mesh.registryUrl}/mcp`, toolCall("pay", { id, ms }), ACCEPT),
      async (id, ms) => {
        const { code, stdout, stderr } = await mesh.run("call", "buy", `id=${id}`, `ms=${ms}`);
        return read(code === 0 ? 200 : 500, stdout + stderr);
      },
    ];
    const signal = async (of: TestMesh, path: string, name: Deno.Signal) => {
      try {
        Deno.kill(Number((await recordOf(of, path))["pid"]), name);
      } catch {
        // It is not there just now, which is trouble enough.
      }
    };
    const freeze = async (of: TestMesh, path: string) => {
      await signal(of, path, "SIGSTOP");
      await delay(300 + chance() * 1_500);
      await signal(of, path, "SIGCONT");
    };
    const RECORD = "agents/payer.json";
    const troubles: [name: string, make: (replica: TestMesh) => Promise<unknown>][] = [
      ["stop", async (replica) => {
        await replica.run("stop", "payer", "--timeout", String(chance() < 0.5 ? 0.1 : 5));
        await launch(replica);
      }],
      ["kill", async (replica) => {
        await signal(replica, RECORD, "SIGKILL");
        // It is down until it is saved, unless it is given up.
        await replica.run("stop", "payer", "--force");
        await launch(replica);
      }],
      ["save", async ({ home }) => {
        const source = await readFile(fixture("payer"), "utf8");
        await writeFile(join(home, "payer.ts"), `${source}\n// ${chance()}\n`);
        await delay(600);
      }],
      ["freeze", (replica) => freeze(replica, RECORD)],
      ["kill the registry", async () => {
        await signal(mesh, "registry.json", "SIGKILL");
        await registry();
      }],
      ["stop the registry", async () => {
        await mesh.run("stop", "--registry", "--timeout", "1");
        await registry();
      }],
      ["freeze the registry", () => freeze(mesh, "registry.json")],
    ];

    const told = new Map<string, Told>();
    // Each kind of trouble comes once before one of them comes again.
    let deck = shuffled(troubles, chance);
    let decks = 0;
    let begun = 0;
    const caller = async () => {
      while (begun < CALLS || decks === 0) {
        const id = `p${begun++}`;
        const way = ways[Math.floor(chance() * ways.length)];
        told.set(id, await way?.(id, Math.floor(chance() * LONGEST_MS)) ?? "perhaps");
      }
    };
    const happened = new Map<string, number>();
    const trouble = async () => {
      while (told.size < CALLS || decks === 0) {
        const [name, make] = deck.pop() ?? [];
        await make?.(chance() < 0.5 ? mesh : other);
        happened.set(name ?? "", (happened.get(name ?? "") ?? 0) + 1);
        if (deck.length === 0) {
          deck = shuffled(troubles, chance);
          decks++;
        }
      }
    };
    await Promise.all([trouble(), ...Array.from({ length: AT_A_TIME }, caller)]);
    // An agent that was frozen may still have calls to read.
    await other.run("stop");
    await mesh.run("stop");

    await payments.collect(other);
    await payments.collect(mesh);
    const runs = payments.counts();
    const wrong = [...told].flatMap(([id, said]) => {
      const times = runs.get(id) ?? 0;
      const isRight = said === "made" ? times === 1 : said === "perhaps" ? times <= 1 : times === 0;
      return isRight ? [] : [`${id} ran ${times} times, and its caller was told: ${said}`];
    });
    const made = [...told.values()].filter((said) => said === "made").length;
    const story = `seed ${seed}, ${made} of ${told.size} made, ${
      JSON.stringify(Object.fromEntries(happened))
    }`;
    equal(wrong.length, 0, [story, ...wrong].join("\n"));
    equal(happened.size, troubles.length, story);
    ok(made > CALLS / 2, story);
  });
});

const ACCEPT = "application/json, text/event-stream";
