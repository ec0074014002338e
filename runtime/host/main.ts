/**
 * The program of an agent process: runs the agents of a plan, each with its code in a sandbox, until
 * it is told to stop. `meshctl start` is what calls it; its one argument is a {@linkcode HostPlan}.
 *
 * Exit codes: 0 stopped on request, 1 an agent did not start, 2 the plan cannot be read.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { agentConfig, type Environment, readEnvironment } from "../config.ts";
import { MeshError } from "../errors.ts";
import { agentLog } from "../log.ts";
import { blankManifest } from "../manifest.ts";
import { asMeshError } from "../mcp/result.ts";
import { onSignals, type RunningAgent, serveHost } from "../serve.ts";
import { type HostPlan, HostPlanSchema, type PlannedAgent } from "./plan.ts";
import { RecordFile } from "./record.ts";
import { hostSandboxed } from "./sandboxed.ts";

async function main(argument: string | undefined): Promise<number> {
  let plan: HostPlan;
  try {
    plan = HostPlanSchema.parse(JSON.parse(argument ?? ""));
  } catch (error) {
    console.error(`the host plan cannot be read: ${asMeshError(error, "bad_config").message}`);
    return 2;
  }
  const stop = Promise.withResolvers<void>();
  const removeSignals = onSignals(() => stop.resolve());
  const environment = readEnvironment();
  const starts = await Promise.allSettled(
    plan.agents.map((planned) => start(planned, plan, environment)),
  );
  const running = starts.flatMap((start) => start.status === "fulfilled" ? [start.value] : []);
  const failed = running.length < starts.length;
  if (!failed) await stop.promise;
  removeSignals();
  await Promise.all(running.map((agent) => agent.shutdown()));
  return failed ? 1 : 0;
}

async function start(
  planned: PlannedAgent,
  plan: HostPlan,
  environment: Environment,
): Promise<RunningAgent> {
  const write = writer(planned, plan.prefix);
  let record: RecordFile | undefined;
  try {
    const alone = plan.agents.length === 1;
    const own = alone ? environment : sharedEnvironment(environment);
    const { logLevel, registryUrl } = agentConfig(own, blankManifest(planned.name));
    record = new RecordFile(planned, registryUrl);
    const log = agentLog(logLevel, write);
    const host = await hostSandboxed({
      url: pathToFileURL(planned.file).href,
      permissions: planned.permissions,
      log,
    });
    const running = await serveHost(host, own, log, { listen: true });
    const unfollow = record.follow(running.node);
    void running.finished.then(unfollow);
    return running;
  } catch (error) {
    const failure = asMeshError(error, "bad_definition");
    write(`${new Date().toISOString().replace("T", " ").slice(0, 23)} ERROR ${failure.message}`);
    record?.failed(failure);
    throw failure;
  }
}

/**
 * The environment several agents of one process share: what names a single agent cannot hold for
 * all of them.
 */
function sharedEnvironment(environment: Environment): Environment {
  for (const name of ["MCP_MESH_AGENT_NAME", "MCP_MESH_AGENT_ID"]) {
    if (environment[name]) {
      throw new MeshError(
        "bad_config",
        `${name}=${
          environment[name]
        } cannot hold for several agents in one process; unset it or start them without --pack`,
      );
    }
  }
  const port = environment["MCP_MESH_HTTP_PORT"];
  if (port && port !== "0") {
    throw new MeshError(
      "bad_config",
      `MCP_MESH_HTTP_PORT=${port} cannot hold for several agents in one process; set it to 0 or unset it`,
    );
  }
  return environment;
}

/** Where the lines of an agent go. */
function writer(planned: PlannedAgent, prefix: boolean): (line: string) => void {
  const { log, name } = planned;
  if (log !== undefined) {
    return (text) => Deno.writeTextFileSync(log, `${text}\n`, { append: true });
  }
  const start = prefix ? `${name} | ` : "";
  return (text) => {
    for (const line of text.split("\n")) console.error(start + line);
  };
}

if (import.meta.main) Deno.exit(await main(Deno.args[0]));
