/**
 * `meshctl doctor`: whether this machine, the registry and agents are fit to run, and what to do.
 *
 * @module
 */
import { dirname } from "node:path";
import type { AgentRecord } from "../../runtime/process/plan.ts";
import { defineCommand } from "../app/command.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { checkAgents } from "../doctor/agent_checks.ts";
import { dataFindings } from "../doctor/data_check.ts";
import type { Finding, FindingLevel } from "../doctor/finding.ts";
import { leftCodeFindings } from "../doctor/left_code_check.ts";
import { denoFinding, homeFindings } from "../doctor/machine_checks.ts";
import { kvFinding, redisFinding, registryFindings } from "../doctor/service_checks.ts";
import { otlpFinding } from "../doctor/otlp_check.ts";
import { projectFindings } from "../doctor/project_check.ts";
import { whileBusy } from "../output/busy_line.ts";
import type { Colour } from "../output/colour.ts";
import { jsonText } from "../output/json.ts";
import { REGISTRY_OPTIONS, registryAddress } from "../mesh/registry_address.ts";
import { readAgentSource } from "../start/agent_source.ts";
import { entryPoints } from "../start/entry_point.ts";
import { meshHome } from "../machine/home.ts";
import { runningAgents, runningRegistry } from "../machine/records.ts";
import {
  type StartableAgent,
  startableAgents,
  type StartableOptions,
} from "../start/startable_agent.ts";
import { SUMMARIES } from "../app/summaries.ts";

const COLOURS: Record<FindingLevel, Colour> = {
  ok: "green",
  warning: "yellow",
  failure: "red",
  skipped: "dim",
};

/** `meshctl doctor [files and folders]`. */
export const doctorCommand = defineCommand({
  name: "doctor",
  summary: SUMMARIES.doctor,
  usage: "[files and folders of agents]",
  details:
    "Deno, the state's folder, the disk, code of agents that outlived its runtime, what running\n" +
    "agents keep in their data folders; the registry, its version, clock and database; Redis and\n" +
    "the receiver of spans where their variables are set; and of agents that are named:\n" +
    "imports, permissions, definitions (their modules are loaded, and not served), ports and keys.\n" +
    "Exit 1 when something keeps a mesh from running; a warning does not.",
  positionals: { min: 0, max: Infinity },
  options: {
    json: { type: "boolean", help: "Print JSON: {ok, findings: [{check, level, text, fix?}]}" },
    fix: { type: "boolean", help: "End code of agents that outlived its runtime" },
    timeout: { type: "number", value: "SECONDS", default: 3, help: "Limit of each question" },
    ...REGISTRY_OPTIONS,
  },
  examples: [
    { line: "doctor", note: "This machine and the registry" },
    { line: "doctor agents/trip-planner", note: "And whether these agents can start" },
  ],
  run: async (context, { options, positionals }) => {
    const timeoutMs = options.timeout * 1_000;
    const files = await entryPoints(positionals, context.cwd);
    const { config } = context;
    const { environment } = config;
    const home = meshHome(config.home);
    const address = await registryAddress(options, context);
    const started = await runningRegistry(home);
    const running = (await runningAgents(home)).map(({ record }) => record);
    const meshPorts = knownPorts(running, address.url);
    const kv = config.registryKv ?? home.registryKv;
    const what = files.length === 0
      ? "this machine and the registry"
      : "this machine, the registry and agents";
    const watched = options.json ? undefined : context;
    const { agents, unfit, found } = await whileBusy(watched, `Looking at ${what}`, async () => {
      const { agents, unfit } = await settledAgents(files, { home, environment }, context);
      const found = await Promise.all([
        [denoFinding(Deno.version.deno)],
        homeFindings(home.root),
        leftCodeFindings({ home, fix: options.fix, program: context.program }),
        dataFindings(running),
        registryFindings(address, started?.url, context, timeoutMs),
        one(kvFinding(kv, timeoutMs)),
        one(redisFinding(environment, timeoutMs)),
        one(otlpFinding({ environment, endpoint: config.otlpEndpoint, timeoutMs }, context)),
        checkAgents({ sources: agents, environment, home, meshPorts }, context),
        projectFindings([context.cwd, ...files.map((file) => dirname(file))], context),
      ]);
      return { agents, unfit, found };
    });
    const unwell = [...found.flat(), ...unfit];
    const findings = [...unwell, ...wellAgents(agents.map(({ name }) => name), unwell)];
    const isFit = !findings.some(({ level }) => level === "failure");
    if (options.json) context.stdout.write(jsonText({ ok: isFit, findings }));
    else context.stdout.lines(findings.flatMap((each) => lines(each, context)));
    return isFit ? EXIT.ok : EXIT.failure;
  },
});

/** The agents of some modules, and what of them cannot be looked at. */
async function settledAgents(
  files: string[],
  options: StartableOptions,
  context: Context,
): Promise<{ agents: StartableAgent[]; unfit: Finding[] }> {
  const sources = await Promise.all(files.map((file) => readAgentSource(file)));
  const settled = await Promise.all(sources.map(async (source) => {
    try {
      return { agents: await startableAgents([source], options, context), unfit: [] };
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const text = [error.message, error.hint].filter((part) => part !== undefined).join(". ");
      const level = "failure" as const;
      return { agents: [], unfit: [{ check: "imports", level, agent: source.name, text }] };
    }
  }));
  return {
    agents: settled.flatMap(({ agents }) => agents),
    unfit: settled.flatMap(({ unfit }) => unfit),
  };
}

/** The ports of the registry and of the agents of this machine. */
function knownPorts(running: readonly Pick<AgentRecord, "port">[], registry: string): number[] {
  const { port, protocol } = new URL(registry);
  const own = Number(port) || (protocol === "https:" ? 443 : 80);
  return [own, ...running.flatMap(({ port }) => port ?? [])];
}

async function one(finding: Promise<Finding>): Promise<Finding[]> {
  return [await finding];
}

function wellAgents(names: string[], findings: Finding[]): Finding[] {
  return names.filter((name) =>
    !findings.some(({ agent, level }) => agent === name && level !== "ok")
  ).map((agent) => ({
    check: "agent",
    level: "ok",
    agent,
    text: "imports, permissions, port and keys, and what it declares, are as they should be",
  }));
}

function lines(
  { check, level, agent, text, fix }: Finding,
  { stdout }: Pick<Context, "stdout">,
): string[] {
  const mark = stdout.palette.paint(COLOURS[level], level.padEnd(7));
  const subject = agent === undefined ? "" : `${agent}: `;
  return [
    `${mark}  ${check.padEnd(11)}  ${subject}${text}`,
    ...(fix === undefined ? [] : [`${" ".repeat(22)}Fix: ${fix}`]),
  ];
}
