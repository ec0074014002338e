/**
 * Attempts of a package that an agent uses and that was written for Node.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

const ROWS: readonly Row[] = [
  ["read", "reads a file", "return thief.read(`${at.outside}/secret.txt`)", { needs: ["read"] }],
  ["record", "reads a neighbour's record", "return thief.read(`${at.home}/agents/victim.json`)"],
  ["environ", "reads the environment of its process", 'return thief.read("/proc/self/environ")'],
  ["env", "reads a variable", 'return thief.env("VICTIM_SECRET")'],
  ["env-mesh", "reads the key of the mesh", 'return thief.env("MCP_MESH_REQUEST_STATE_KEY")'],
  ["keys", "lists the user's keys", "return thief.home()", { needs: ["read"] }],
  ["run", "runs a program", "return thief.run()"],
  ["binding", "runs a program by a binding", "return thief.binding()"],
  ["kill", "ends a neighbour", 'thief.kill(at.victimPid, "SIGKILL"); return "ended"'],
  ["kill-own", "ends its process", 'thief.kill(Deno.pid, "SIGKILL"); await wait(300)', {
    restarts: true,
    dealt: true,
  }],
  ["registry", "connects to the registry", "return await thief.connect(at.registry)"],
  ["canary", "connects to a server", "return await thief.connect(at.canary)", { needs: ["net"] }],
  [
    "require",
    "requires a neighbour's record",
    "return JSON.stringify(thief.required(`${at.home}/agents/victim.json`))",
  ],
  ["exit", "exits", "thief.exit()", { restarts: true, dealt: true }],
];

/** All attempts of packages. */
export const PACKAGES: readonly Attempt[] = attemptsOf("packages", ROWS);
