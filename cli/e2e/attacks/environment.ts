/**
 * Attempts on variables: the keys of the user, the mesh and a neighbour.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

const ROWS: readonly Row[] = [
  ["neighbour", "reads a variable of a neighbour", 'return Deno.env.get("VICTIM_SECRET")'],
  ["vendor", "reads a vendor's key", 'return Deno.env.get("OPENAI_API_KEY")'],
  ["state-key", "reads the key of the mesh", 'return Deno.env.get("MCP_MESH_REQUEST_STATE_KEY")'],
  ["has", "asks whether there is a key", 'return Deno.env.has("VICTIM_SECRET") || undefined'],
  [
    "mesh-has",
    "asks whether the mesh has a key",
    'return Deno.env.has("MCP_MESH_REQUEST_STATE_KEY") || undefined',
  ],
  ["all", "reads all variables", "return JSON.stringify(Deno.env.toObject())"],
  ["node", "reads a variable as Node does", "return globalThis.process?.env.VICTIM_SECRET"],
  [
    "node-import",
    "reads a variable by node:process",
    'return (await import("node:process")).default.env.VICTIM_SECRET',
  ],
  [
    "node-state-key",
    "reads the key of the mesh by node:process",
    'return (await import("node:process")).env.MCP_MESH_REQUEST_STATE_KEY',
  ],
  [
    "node-keys",
    "reads all variables as Node does",
    'return JSON.stringify({ ...(await import("node:process")).env })',
  ],
  [
    "node-descriptor",
    "reads a variable by its property's descriptor",
    'const { env } = await import("node:process");\n' +
    'return Object.getOwnPropertyDescriptor(env, "VICTIM_SECRET")?.value',
  ],
  [
    "report",
    "reads all variables in a diagnostic report",
    'const report = (await import("node:process")).default.report?.getReport();\n' +
    "return report?.environmentVariables?.VICTIM_SECRET",
  ],
  [
    "set",
    "sets a variable for everything in the process",
    'Deno.env.set("MCP_MESH_LOG_LEVEL", "error"); return toRuntime(at, "set")',
  ],
  [
    "delete",
    "deletes a variable for everything in the process",
    'Deno.env.delete("VICTIM_SECRET"); return toRuntime(at, "deleted")',
  ],
  [
    "load-file",
    "loads variables from a file",
    '(await import("node:process")).loadEnvFile(`${at.outside}/secret.env`);\nreturn "loaded"',
  ],
  [
    "arguments",
    "reads the arguments of the process, which name the mesh's files",
    "return Deno.args.join().includes(at.home) ? Deno.args.join() : undefined",
  ],
  [
    "node-arguments",
    "reads the arguments of the process as Node has them",
    'const { argv, execArgv } = (await import("node:process")).default;\n' +
    "const text = [...argv, ...execArgv].join();\nreturn text.includes(at.home) ? text : undefined",
  ],
  ["hostname", "asks for the machine's name", "return Deno.hostname()"],
  [
    "addresses",
    "asks for the machine's addresses",
    "return JSON.stringify(Deno.networkInterfaces())",
  ],
  ["user", "asks for the user", "return String(Deno.uid())"],
  [
    "node-user",
    "asks Node for the user",
    'return JSON.stringify((await import("node:os")).userInfo())',
  ],
  [
    "home-folder",
    "asks Node for the user's folder",
    'return (await import("node:os")).homedir() || undefined',
  ],
];

/** All attempts on variables. */
export const ENVIRONMENT: readonly Attempt[] = attemptsOf("environment", ROWS);
