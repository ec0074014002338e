/**
 * Throws requests at the registry and at agents, and says what became of them.
 *
 * `deno task fuzz [registry|agent|all] [requests] [seed]`
 *
 * @module
 */
import { fuzz as fuzzRegistry } from "../registry/suites/http_fuzz.ts";
import { fuzz as fuzzAgent } from "../runtime/suites/http_fuzz.ts";

/** Most connections of the agents that have a limit. */
const CONNECTIONS = 100;

const [target = "all", requests = "20000", seed = String(Date.now() % 2 ** 31)] = Deno.args;
const options = { requests: Number(requests), seed: Number(seed) };
if (!["registry", "agent", "all"].includes(target) || !(options.requests > 0)) {
  console.error("Usage: deno task fuzz [registry|agent|all] [requests] [seed]");
  Deno.exit(2);
}
console.log(`seed ${seed}`);
if (target !== "agent") {
  const { statuses, heap, log } = await fuzzRegistry(options);
  say("the registry", statuses, heap);
  console.log(`lines in the registry's log: ${new Set(log).size} different`);
}
if (target !== "registry") {
  for (const connections of [undefined, CONNECTIONS]) {
    const limit = connections === undefined ? {} : { connections };
    const { statuses, memory, uncaught } = await fuzzAgent({ ...options, ...limit });
    say(`agents${connections === undefined ? "" : ", connections limited"}`, statuses, memory);
    console.log(`errors that nobody caught: ${uncaught.length}`);
    for (const line of uncaught) console.log(line);
  }
}

function say(
  who: string,
  statuses: ReadonlyMap<number, number>,
  [early, late]: readonly [early: number, late: number],
): void {
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) =>
    `${status === 0 ? "closed" : status}: ${n}`
  );
  console.log(`${requests} requests to ${who} answered: ${counts.join(", ")}`);
  console.log(`memory after a quarter ${megabytes(early)}, at the end ${megabytes(late)}`);
}
