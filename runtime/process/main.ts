/**
 * The program of an agent process: runs the agents of a plan, each with its code in a sandbox, until
 * it is told to stop. `meshctl start` is what calls it; its one argument is a {@linkcode HostPlan}.
 *
 * Exit codes: 0 stopped on request, 1 an agent did not start, 2 the plan cannot be read.
 *
 * @module
 */
import process from "node:process";
import { asMeshError } from "../base/errors.ts";
import { sleep } from "../base/sleep.ts";
import { readEnvironment } from "../node/config.ts";
import { onSignals } from "../node/serve.ts";
import { BatchedLines } from "../base/batched_lines.ts";
import { readCommands } from "./commands.ts";
import { agentLog, type Log } from "../base/log.ts";
import { reportUncaught } from "../base/last_net.ts";
import { HostedAgent } from "./hosted_agent.ts";
import { Reaper } from "../sandbox/reaper.ts";
import { boundLogs } from "../base/log_files.ts";
import { stopOrder } from "./stop_order.ts";
import { type HostCommand, type HostPlan, HostPlanSchema, type PlannedAgent } from "./plan.ts";
import { cutText } from "../base/cut_text.ts";

/** How long an agent that is still starting when it is to stop may go on with that, milliseconds. */
const UNSTARTED_MS = 500;

async function main(argument: string | undefined): Promise<number> {
  let plan: HostPlan;
  try {
    plan = HostPlanSchema.parse(JSON.parse(argument ?? ""));
  } catch (error) {
    console.error(`the host plan cannot be read: ${asMeshError(error, "bad_config").message}`);
    return 2;
  }
  const log = agentLog("warn", (line) => console.error(line));
  reportUncaught((message) => log("error", message));
  using _bounded = boundLogs([plan.output, ...plan.agents.map(({ log }) => log)].filter(isNamed));
  using ending = new DisposableStack();
  // However the process ends, what is in the logs by then is written.
  globalThis.addEventListener("unload", () => ending.dispose(), { once: true });
  const stop = Promise.withResolvers<void>();
  let isStopping = false;
  const removeSignals = onSignals(() => {
    // Who asks a second time does not want to wait.
    if (isStopping) { for (const agent of agents) agent.hurry(); }
    isStopping = true;
    stop.resolve();
  });
  const commands = plan.commands ? commandsOfInput(log) : undefined;
  const { birth, reach } = await birthFrom(commands);
  const environment = readEnvironment();
  await using reaper = new Reaper({ log });
  const agents = plan.agents.map((planned) =>
    new HostedAgent(planned, {
      environment,
      write: writer(planned, plan.prefix, ending),
      birth,
      reach: reach?.[planned.name],
      watched: plan.watched,
      shared: plan.agents.length > 1,
      reaper,
    })
  );
  const starts = Promise.allSettled(agents.map((agent) => agent.start()));
  if (commands !== undefined) {
    void obeyAll(commands, agents, stop.resolve).then(() => {
      if (plan.tied) stop.resolve();
    });
  }
  // A module that does not finish loading keeps nobody from stopping.
  const given = await Promise.race([starts, stop.promise.then(() => sleep(UNSTARTED_MS))]);
  const failed = given?.some(({ status }) => status === "rejected") === true && !plan.watched;
  if (!failed) await stop.promise;
  isStopping = true;
  for (const group of stopOrder(agents.map((agent) => ({ agent, ...agent.stopping })))) {
    await Promise.all(group.map(({ agent }) => agent.shutdown()));
  }
  removeSignals();
  return failed ? 1 : 0;
}

function isNamed(path: string | undefined): path is string {
  return path !== undefined;
}

function commandsOfInput(log: Log): AsyncGenerator<HostCommand, void> {
  return readCommands(process.stdin, (line) => log("warn", `no command: ${cutText(line, 200)}`));
}

/** What the first command says; it is sent as soon as the process has begun. */
async function birthFrom(
  commands: AsyncGenerator<HostCommand, void> | undefined,
): Promise<Omit<HostCommand & { type: "birth" }, "type">> {
  const first = await commands?.next();
  return first?.value?.type === "birth" ? first.value : {};
}

/** Does what is asked for until nobody can ask any more. */
async function obeyAll(
  commands: AsyncGenerator<HostCommand, void>,
  agents: readonly HostedAgent[],
  onAllGone: () => void,
): Promise<void> {
  for await (const command of commands) {
    if (command.type === "birth") continue;
    void agents.find(({ name }) => name === command.agent)?.obey(command).then(() => {
      if (agents.every(({ isGone }) => isGone)) onAllGone();
    });
  }
}

/** Where the lines of an agent go. */
function writer(
  planned: PlannedAgent,
  prefix: boolean,
  ending: DisposableStack,
): (line: string) => void {
  const { log, name } = planned;
  if (log !== undefined) {
    const lines = ending.use(
      new BatchedLines((text) => Deno.writeTextFileSync(log, text, { append: true, mode: 0o600 })),
    );
    return (line) => lines.put(line);
  }
  const start = prefix ? `${name} | ` : "";
  return (text) => {
    for (const line of text.split("\n")) console.error(start + line);
  };
}

if (import.meta.main) Deno.exit(await main(Deno.args[0]));
