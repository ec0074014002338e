/** Tries to reach what it shares with the trusted side of its worker. Each tool tells what it found. */
import { agent, tool } from "mesh";
import process, { kill } from "node:process";
import { z } from "zod";

// The members are not in the types of every scope.
const scope = globalThis as unknown as Record<string, unknown>;
const deno = Deno as unknown as Record<PropertyKey, Record<string, unknown>>;

function attempt(reach: () => unknown): string {
  try {
    return String(reach());
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

const PIDS: Readonly<Record<string, number>> = {
  itself: Deno.pid,
  "its group": -Deno.pid,
  "its parent": Deno.ppid,
  "the group that it is in": 0,
  everything: -1,
  "the first": 1,
};

export default agent({
  name: "reacher",
  tools: {
    globals: tool(
      {},
      () => ["postMessage", "caches", "BroadcastChannel"].filter((name) => name in scope),
    ),
    gpu: tool({}, () => typeof (navigator as { gpu?: unknown }).gpu),
    internals: tool({}, () => {
      const key = (Deno as unknown as { internal: symbol }).internal;
      return attempt(() => {
        const found = Object.keys(deno[key] ?? {});
        deno[key] = { core: {} };
        return found.length;
      });
    }),
    signals: tool({ input: z.object({ whom: z.string() }) }, ({ whom }) => {
      const pid = PIDS[whom] ?? 0;
      return [
        attempt(() => Deno.kill(pid, "SIGCONT")),
        attempt(() => process.kill(pid, "SIGCONT")),
        attempt(() => kill(pid, 0)),
      ];
    }),
    stdin: tool({}, async () => [
      attempt(() => Deno.stdin.readSync(new Uint8Array(10))),
      await new Promise<string>((resolve) => {
        process.stdin.on("data", (data) => resolve(`read ${data}`));
        process.stdin.on("error", (error) => resolve(error.name));
        process.stdin.on("end", () => resolve("end"));
      }),
    ]),
    // What agents do need.
    runs: tool({}, async () => {
      const cat = new Deno.Command("cat", { stdout: "piped" }).spawn();
      const { stdout } = await cat.output();
      const piped = new Deno.Command("cat", { stdin: "piped", stdout: "piped" }).spawn();
      const writer = piped.stdin.getWriter();
      await writer.write(new TextEncoder().encode("piped"));
      await writer.close();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      const sleeper = new Deno.Command("sleep", { args: ["60"] }).spawn();
      Deno.kill(sleeper.pid, "SIGTERM");
      const { signal } = await sleeper.status;
      return [text(stdout), text((await piped.output()).stdout), signal];
    }),
    fine: tool({}, () => "fine"),
  },
});
