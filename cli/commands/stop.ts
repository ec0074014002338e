/**
 * `meshctl stop`: end agents and the registry that `start` started.
 *
 * @module
 */
import { rm } from "node:fs/promises";
import { defineCommand } from "../app/command.ts";
import type { OptionTable, OptionValues } from "../app/option.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";
import { CliError, EXIT, usageError } from "../base/exit.ts";
import { jsonText } from "../output/json.ts";
import { stopOrder, type Stopping } from "../../runtime/process/stop_order.ts";
import { registryGraceMs } from "../machine/ending.ts";
import { keptIn, type MeshHome, meshHome, REGISTRY_NAME } from "../machine/home.ts";
import {
  goneAgents,
  type LocalAgent,
  type RegistryRecord,
  runningAgents,
  runningRegistry,
  sweepRecords,
} from "../machine/records.ts";
import { type AgentGroup, agentGroups, chooseGroups } from "./stop_choice.ts";
import { ProcessStopper } from "./stop_processes.ts";
import {
  runningSupervisors,
  type SupervisorRecord,
  sweepSupervisors,
} from "../machine/supervisor_record.ts";
import { SUMMARIES } from "../app/summaries.ts";

const OPTIONS = {
  agents: { type: "boolean", help: "Stop all agents and keep the registry" },
  registry: { type: "boolean", help: "Stop only the registry" },
  "keep-registry": { type: "boolean", help: "Keep the registry even when no agent is left" },
  "keep-ui": { type: "boolean", hidden: true, help: "There is none to keep" },
  timeout: {
    type: "number",
    value: "SECONDS",
    help: "Time for calls under way (default: as each agent is configured)",
  },
  force: { type: "boolean", help: "Kill at once; what is under way is cut off" },
  quiet: { type: "boolean", help: "Print only errors" },
  json: { type: "boolean", help: "Print what was stopped, and what was not, as JSON" },
  clean: {
    type: "boolean",
    help: "Delete all state too: the registry's database, what agents keep, logs",
  },
} as const satisfies OptionTable;
type Options = OptionValues<typeof OPTIONS>;

/** `meshctl stop [agents]`. */
export const stopCommand = defineCommand({
  name: "stop",
  summary: SUMMARIES.stop,
  usage: "[agents]",
  details:
    "Without names, everything that was started here is stopped, also what is left of agents that\n" +
    "were killed. A name may be shortened. Consumers stop before their providers, and calls under\n" +
    "way may finish, for the time of MCP_MESH_SHUTDOWN_TIMEOUT or --timeout; what takes longer is\n" +
    "cut off. The registry goes with the last agent, if `start -d` had started it. What is stopped\n" +
    "is not started again by --watch or --restart.",
  positionals: { min: 0, max: Infinity },
  completes: ["running"],
  options: OPTIONS,
  examples: [
    { line: "stop", note: "Everything" },
    { line: "stop weather-agent", note: "One agent" },
    { line: "stop --clean", note: "Everything, and forget it" },
  ],
  run: async (context, { options, positionals: names }) => {
    refuseContradictions(options, names);
    const home = meshHome(context.config.home);
    const tell = (text: string) => {
      if (!options.quiet && !options.json) context.stdout.lines([text]);
    };
    const gone = await goneAgents(home);
    const [leftCode] = await Promise.all([sweepRecords(home), sweepSupervisors(home)]);
    const [agents, registry, supervisors] = await Promise.all([
      runningAgents(home),
      runningRegistry(home),
      runningSupervisors(home),
    ]);
    const seconds = options.timeout ?? context.config.shutdownTimeout;
    const stopper = new ProcessStopper({
      home,
      force: options.force,
      drainMs: options.timeout === undefined ? undefined : options.timeout * 1_000,
      graceMs: registryGraceMs(seconds),
      supervisors,
      tell,
      wait: (text) => {
        if (!options.quiet) context.stderr.lines([text]);
      },
    });
    stopper.noteLeftCode(leftCode);
    const waiting = waitingAgents(supervisors, agents);
    const known = [...agentGroups(agents), ...waiting.map(({ group }) => group)];
    const groups = options.registry ? [] : chosenGroups(names, known, home, context.program);
    const keeperOf = (group: AgentGroup) => waiting.find((each) => each.group === group)?.keeper;
    for (const together of stopOrder(groups.map((group) => stoppingOf(group, agents)))) {
      await Promise.all(together.map(({ group }) => {
        const keeper = keeperOf(group);
        return keeper === undefined
          ? stopper.stopAgents(group)
          : stopper.stopWaiting(group.names.join(), keeper);
      }));
    }
    const isEverything = names.length === 0 && !options.registry;
    if (isEverything) {
      await stopper.stopSupervisors();
      await stopper.stopForgotten();
    }
    const isNamed = ({ record, stem }: LocalAgent) =>
      [stem, record.name].some((name) => names.includes(name));
    await stopper.stopLeftBehind(isEverything ? gone : gone.filter(isNamed));
    const left = agents.filter((agent) => !groups.some((group) => group.pid === agent.record.pid));
    if (registry !== undefined && registryGoes(options, names, left, registry)) {
      await stopper.stopRegistry(registry);
    }
    await Promise.all([sweepRecords(home), sweepSupervisors(home)]);
    const { stopped, survivors } = stopper;
    if (stopped.length + survivors.length === 0) tell(`Nothing is running under ${home.root}`);
    const isCleaned = options.clean && survivors.length === 0;
    if (isCleaned) await clean(home, context.config.registryKv, tell);
    if (options.json) {
      context.stdout.write(
        jsonText({ home: home.root, stopped, still_running: survivors, cleaned: isCleaned }),
      );
    }
    if (survivors.length > 0) {
      throw new CliError(EXIT.failure, `still running: ${survivors.join(", ")}`, {
        hint: "Try again with --force, as the user who started them.",
      });
    }
    return EXIT.ok;
  },
});

/** A process of agents with what decides when it stops. */
function stoppingOf(
  group: AgentGroup,
  agents: LocalAgent[],
): Stopping & { readonly group: AgentGroup } {
  const records = agents.filter(({ stem }) => group.stems.includes(stem))
    .map(({ record }) => record);
  return {
    group,
    ids: records.flatMap(({ agent_id }) => agent_id ?? []),
    wiredTo: new Set(records.flatMap(({ wired_to }) => wired_to ?? [])),
  };
}

/** Agents that do not run and are to be started again, and by whom. */
function waitingAgents(
  supervisors: SupervisorRecord[],
  running: LocalAgent[],
): { group: AgentGroup; keeper: SupervisorRecord }[] {
  return supervisors.flatMap((keeper) =>
    keeper.agents.filter(({ name, state }) =>
      (state === "down" || state === "restarting") && !running.some(({ stem }) => stem === name)
    ).map(({ name }) => ({
      group: { pid: 0, startedAt: keeper.started_at, names: [name], stems: [name] },
      keeper,
    }))
  );
}

function refuseContradictions(options: Options, names: string[]): void {
  if (options.registry && (options.agents || options["keep-registry"] || names.length > 0)) {
    throw usageError("--registry stops only the registry", "Leave out the rest, or --registry.");
  }
  if (options.agents && names.length > 0) {
    throw usageError("--agents stops all agents, and some are named", "Leave out one of the two.");
  }
  const partial = options.registry || options.agents || options["keep-registry"];
  if (options.clean && (partial || names.length > 0)) {
    throw usageError("--clean only goes with stopping everything", "Leave out the rest.");
  }
}

function chosenGroups(
  names: string[],
  groups: AgentGroup[],
  home: MeshHome,
  program: string,
): AgentGroup[] {
  if (names.length === 0) return groups;
  const choice = chooseGroups(names, groups);
  switch (choice.kind) {
    case "chosen":
      return choice.groups;
    case "unknown": {
      const known = groups.flatMap((group) => group.names);
      const hint = choice.name === REGISTRY_NAME
        ? `Stop the registry with \`${program} stop --registry\`.`
        : didYouMean(choice.name, known) ??
          (known.length === 0
            ? `No agent runs under ${home.root}; MCP_MESH_HOME says where to look.`
            : `Running: ${known.join(", ")}.`);
      throw new CliError(EXIT.notFound, `${choice.name} is not running`, { hint });
    }
    case "ambiguous":
      throw usageError(
        `"${choice.name}" fits several agents: ${choice.matches.join(", ")}`,
        "Name one of them in full.",
      );
    case "packed":
      throw new CliError(
        EXIT.failure,
        `${choice.named.join(", ")} shares process ${choice.group.pid} with ${
          choice.others.join(", ")
        }`,
        { hint: `Stop them all: \`${program} stop ${choice.group.names.join(" ")}\`.` },
      );
  }
}

/** Whether the registry is stopped too. */
function registryGoes(
  options: Options,
  names: string[],
  left: LocalAgent[],
  registry: RegistryRecord,
): boolean {
  if (options.registry) return true;
  if (options.agents || options["keep-registry"]) return false;
  // One in the foreground of another terminal ends with that terminal's `start`.
  return names.length === 0 || (left.length === 0 && !registry.foreground);
}

async function clean(
  home: MeshHome,
  registryKv: string | undefined,
  tell: (text: string) => void,
): Promise<void> {
  const database = ["", "-wal", "-shm"].map((suffix) => `${home.registryKv}${suffix}`);
  const paths = [...database, ...keptIn(home).filter((path) => path !== home.shellHistory)];
  await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })));
  tell(`Deleted the database, what agents kept, records and logs in ${home.root}`);
  if (registryKv !== undefined && registryKv !== home.registryKv) {
    tell(`The database of MCP_MESH_KV is kept: ${registryKv}`);
  }
}
