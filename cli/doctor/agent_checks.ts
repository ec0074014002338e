/**
 * What can be known to be wrong with agents before they are started.
 *
 * @module
 */
import { relative } from "node:path";
import { endpointOf, isReady } from "../../runtime/llm/engine/endpoint.ts";
import type { Context } from "../app/context.ts";
import type { AgentSource } from "../start/agent_source.ts";
import type { MeshHome } from "../machine/home.ts";
import { readText } from "../base/file_text.ts";
import { portHolder } from "../machine/port_holder.ts";
import { runningAgents } from "../machine/records.ts";
import type { StartableAgent } from "../start/startable_agent.ts";
import { definitionFindings } from "./definition_check.ts";
import { declaredModel, declaredPort } from "./declared_options.ts";
import { firstLineCommand, flagsCommand } from "./edit_command.ts";
import type { Finding } from "./finding.ts";
import { expectedGrant, grantFindings, type PlacedUse } from "./grant_findings.ts";
import { importFinding, strayFinding } from "./import_finding.ts";
import { isAllowed, missingFlags, permissionUses } from "./used_permissions.ts";

/** What agents are checked for. */
export interface AgentChecksOptions {
  sources: StartableAgent[];
  /** The environment they will have. */
  environment: Record<string, string>;
  home: MeshHome;
  /** Ports of the registry and of the agents of this machine. @default none */
  meshPorts?: readonly number[];
}

/** Variables whose names say that they hold a secret. */
const SECRET = /(?:_|^)(?:KEY|TOKEN|SECRET|PASSWORD)$/;

/** Checks agents that are files of the user's; tells only what is not as it should be. */
export async function checkAgents(
  { sources, environment, home, meshPorts = [] }: AgentChecksOptions,
  context: Pick<Context, "deno" | "root" | "cwd" | "program">,
): Promise<Finding[]> {
  const own = sources.filter(({ origin }) => origin === undefined);
  if (own.length === 0) return [];
  const found = await Promise.all(own.map(async (source) => {
    const { files, problems, stray } = source.code;
    return [
      ...problems.map((problem) => importFinding(source, problem, context)),
      ...stray.map((each) => strayFinding(source, each, context)),
      ...permissionFindings(source, await placedUses(files, context.cwd), context.cwd),
      ...grantFindings(
        source,
        expectedGrant(source, { home, root: context.root, environment, meshPorts }),
        (await placedUses(files, context.cwd)).filter((use) => isAllowed(use, source.permissions)),
      ),
      ...await secretFindings(source, environment),
    ];
  }));
  // Loading would fail for the same reason.
  const unloadable = found.flat().filter(({ check }) =>
    check === "imports" || check === "permissions"
  );
  const loadable = own.filter(({ name }) => !unloadable.some(({ agent }) => agent === name));
  return [
    ...found.flat(),
    ...await definitionFindings(loadable, { home, environment }, context),
    ...await portFindings(own, environment, home, context.program),
  ];
}

/** The uses in the modules of an agent. */
async function placedUses(files: readonly string[], cwd: string): Promise<PlacedUse[]> {
  const uses = await Promise.all(files.map(async (file) => {
    const text = await readText(file).catch(() => "");
    const shown = relative(cwd, file) || file;
    return permissionUses(text).map((use) => ({ ...use, place: `${shown}:${use.line}` }));
  }));
  return uses.flat();
}

function permissionFindings(
  source: AgentSource,
  uses: readonly PlacedUse[],
  cwd: string,
): Finding[] {
  const missing = uses.filter((use) => !isAllowed(use, source.permissions));
  const [first] = missing;
  if (first === undefined) return [];
  const flags = missingFlags(missing);
  const path = relative(cwd, source.file) || source.file;
  const { place } = first;
  return [{
    check: "permissions",
    level: "warning",
    agent: source.name,
    text: `${place} uses ${first.code}, which needs ${flags.join(" ")}, ` +
      "and its first line does not allow it",
    fix: source.declared ? flagsCommand(path, flags) : firstLineCommand(path, flags),
  }];
}

async function secretFindings(
  source: AgentSource,
  environment: Record<string, string>,
): Promise<Finding[]> {
  const model = declaredModel(await readText(source.file).catch(() => ""));
  // What a model needs, the runtime knows better than the first line does.
  return model === undefined
    ? keyFindings(source, environment)
    : modelFindings(source, model, environment);
}

/** What keeps a provider from asking its model. It says so itself once it runs. */
export function modelFindings(
  { name }: Pick<AgentSource, "name">,
  model: string,
  environment: Record<string, string>,
): Finding[] {
  const found = endpointOf(model, environment);
  if (isReady(found)) return [];
  const variable = /^\w+(?=.* not set$)/.exec(found.problem)?.[0];
  return [{
    check: "model",
    level: "warning",
    agent: name,
    text: found.problem,
    ...(variable === undefined ? {} : { fix: `export ${variable}=…` }),
  }];
}

/** Secrets that the first line lets the agent read, and that are not there. */
export function keyFindings(
  { name, permissions }: Pick<AgentSource, "name" | "permissions">,
  environment: Record<string, string>,
): Finding[] {
  const read = Array.isArray(permissions.env) ? permissions.env : [];
  const missing = read.filter((variable) => SECRET.test(variable) && !environment[variable]);
  return missing.map((variable) => ({
    check: "keys",
    level: "warning",
    agent: name,
    text: `${variable}, which its first line lets it read, is not set`,
    fix: `export ${variable}=…`,
  }));
}

async function portFindings(
  sources: AgentSource[],
  environment: Record<string, string>,
  home: MeshHome,
  program: string,
): Promise<Finding[]> {
  // It takes the place of what they declare.
  if (environment["MCP_MESH_HTTP_PORT"]) return [];
  const declared = await Promise.all(sources.map(async ({ name, file }) => {
    const port = declaredPort(await readText(file).catch(() => ""));
    return port === undefined || port === 0 ? [] : [{ name, port }];
  }));
  const first = new Map<number, string>();
  const findings: Finding[] = [];
  for (const { name, port } of declared.flat()) {
    const other = first.get(port);
    if (other !== undefined) {
      const text = `port ${port} is declared by ${other} too`;
      findings.push({ check: "ports", level: "failure", agent: name, text });
    } else if (isTaken(port)) findings.push(...await takenFindings(name, port, home, program));
    first.set(port, name);
  }
  return findings;
}

function isTaken(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.AddrInUse;
  }
}

async function takenFindings(
  agent: string,
  port: number,
  home: MeshHome,
  program: string,
): Promise<Finding[]> {
  const holder = await portHolder(port);
  const pid = Number(/^process (\d+)/.exec(holder ?? "")?.[1]);
  const ours = (await runningAgents(home)).filter(({ record }) => record.pid === pid);
  // It runs, and the port is where it should be.
  if (ours.some(({ stem, record }) => stem === agent || record.name === agent)) return [];
  const by = holder === undefined ? "" : ` by ${holder}`;
  const [other] = ours;
  const fix = other === undefined
    ? Number.isNaN(pid) ? undefined : `kill ${pid}`
    : `${program} stop ${other.record.name}`;
  const text = `port ${port} is taken${by}`;
  return [{ check: "ports", level: "failure", agent, text, ...(fix && { fix }) }];
}
