/**
 * The agents of the attack: four attackers, which differ in their first lines only, and a neighbour that
 * has something to lose.
 *
 * @module
 */
import { parseShebang } from "../../../runtime/sandbox/permissions.ts";
import type { Permissions } from "../../../runtime/sandbox/grant.ts";
import { shebang } from "../../scaffold/edit/source_text.ts";
import { type Attempt, HELPER_NAMES, HELPERS } from "./attempt.ts";

/** The names of the attackers. */
export type AttackerName =
  | "attacker-bare"
  | "attacker-scaffolded"
  | "attacker-net"
  | "attacker-files";

/** First lines of the attackers. */
export const ATTACKERS: Readonly<Record<AttackerName, string>> = {
  "attacker-bare": "#!/usr/bin/env -S deno run\n",
  "attacker-scaffolded": shebang(),
  "attacker-net": "#!/usr/bin/env -S deno run --allow-net\n",
  "attacker-files": "#!/usr/bin/env -S deno run --allow-read --allow-write\n",
};

/** Returns what an attacker's first line lets it do. */
export function permissionsOf(attacker: AttackerName): Permissions {
  return parseShebang(ATTACKERS[attacker], "/attacker.ts") ?? {};
}

/** Returns whether an attacker's own first line plainly permits an attempt. */
export function isPermitted({ needs }: Attempt, permissions: Permissions): boolean {
  return needs !== undefined && needs.every((need) => permissions[need] === true);
}

/** Returns the module of an attacker. */
export function attackerText(name: AttackerName): string {
  const names = [...HELPER_NAMES, "thief"];
  return `${ATTACKERS[name]}import { agent, tool } from "mesh";
import { z } from "zod";
import thief from "./packages/thief.cjs";
${HELPERS}
const AsyncFunction = (async () => {}).constructor;
const input = z.object({ code: z.string(), at: z.any(), limitMs: z.number(), bare: z.boolean() });
const made = (value) => value === undefined ? { is: "nothing" } : { is: "harm", text: String(value) };
const refused = (error) => ({ is: "refused", text: String(error).slice(0, 300) });
export default agent({
  name: "${name}",
  lifespan: () => ({ async [Symbol.asyncDispose]() {} }),
  tools: {
    attempt: tool({ input }, async ({ code, at, limitMs, bare }) => {
      const run = new AsyncFunction("at", ...${JSON.stringify(names)}, code);
      const running = run(at, ${names.join(", ")});
      if (bare) return await running;
      const late = wait(limitMs).then(() => ({ is: "late" }));
      return await Promise.race([running.then(made, refused), late]);
    }),
  },
});
`;
}

/** Secrets that only the neighbour and the mesh have. */
export interface Secrets {
  /** In the neighbour's environment. */
  readonly variable: string;
  /** Among the neighbour's data. */
  readonly data: string;
  /** In the neighbour's log. */
  readonly logged: string;
  /** In a cache of the neighbour's. */
  readonly cached: string;
  /** The user's key for a vendor, and the mesh's own. */
  readonly vendor: string;
  readonly mesh: string;
  /** In files of the user. */
  readonly file: string;
}

/** Returns the module of the neighbour. */
export function victimText({ data, logged, cached }: Secrets): string {
  return `#!/usr/bin/env -S deno run --allow-env=VICTIM_SECRET
import { agent, tool } from "mesh";
import { z } from "zod";
const heard = [];
// A worker's scope has none.
const { BroadcastChannel } = globalThis.BroadcastChannel ? globalThis : await import("node:worker_threads");
const channel = new BroadcastChannel("mesh");
channel.onmessage = ({ data }) => heard.push(data);
export default agent({
  name: "victim",
  lifespan: async ({ dataFolder }) => {
    await Deno.writeTextFile(dataFolder + "/notes.txt", ${JSON.stringify(data)});
    console.log(${JSON.stringify(logged)});
    // A process of its own keeps no caches.
    const cache = await globalThis.caches?.open("victim").catch(() => undefined);
    await cache?.put("http://victim/secret", new Response(${JSON.stringify(cached)}));
    return { async [Symbol.asyncDispose]() { if (cache) await caches.delete("victim"); } };
  },
  tools: {
    tell: tool({ input: z.object({}) }, () => ({
      secret: Deno.env.get("VICTIM_SECRET"),
      heard,
    })),
  },
});
`;
}
