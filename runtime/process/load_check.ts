/**
 * A program that loads the agents of a {@linkcode HostPlan}, each in a sandbox as it will be run,
 * serves none of them, and writes the problems of their definitions to standard output: a
 * {@linkcode LoadReport} as JSON. Like `main.ts` it reads `birth` from standard input. `meshctl doctor`
 * runs it.
 *
 * @module
 */
import { dirname } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { readPrompts } from "../define/prompt_files.ts";
import { promptFiles } from "../define/manifest.ts";
import { detailOf } from "../base/error_details.ts";
import { asMeshError, MeshError } from "../base/errors.ts";
import { readEnvironment } from "../node/config.ts";
import { Reaper } from "../sandbox/reaper.ts";
import { codePlace } from "./code_place.ts";
import { readCommands } from "./commands.ts";
import { withData } from "../sandbox/permissions.ts";
import { HostPlanSchema, type LoadReport, type PlannedAgent } from "./plan.ts";
import type { Reach } from "../sandbox/grant.ts";
import { hostSandboxed } from "../sandbox/sandboxed.ts";

/** Longest time for a module to load, in milliseconds. */
const LOAD_MS = 20_000;

/** Returns the problem of an agent's definition, if it has one. */
async function problemOf(
  planned: PlannedAgent,
  reach: Reach | undefined,
  reaper: Reaper,
): Promise<string | undefined> {
  const { file, permissions, data } = planned;
  const giveUp = new AbortController();
  const timer = setTimeout(() => {
    giveUp.abort(new MeshError("timeout", `${file} has not loaded within ${LOAD_MS / 1_000} s`));
  }, LOAD_MS);
  try {
    await using host = await hostSandboxed({
      url: pathToFileURL(file).href,
      permissions: withData(permissions, data),
      reach,
      place: codePlace(planned, {
        environment: readEnvironment(),
        reaper,
        data,
        isDataClosed: () => false,
      }),
      // Output of a module that is not run.
      log: () => {},
      signal: giveUp.signal,
    });
    return promptProblem(promptFiles(host.manifest), dirname(file));
  } catch (error) {
    const failure = asMeshError(error, "bad_definition");
    // Other failures, such as of a request while loading, may not happen in another place.
    const isOfDefinition = failure.code === "bad_definition" &&
      detailOf(failure, "declared") !== undefined;
    return isOfDefinition ? failure.message : undefined;
  } finally {
    clearTimeout(timer);
  }
}

function promptProblem(files: readonly string[], folder: string): string | undefined {
  try {
    readPrompts(files, folder);
    return undefined;
  } catch (error) {
    return asMeshError(error, "bad_definition").message;
  }
}

async function main(argument: string | undefined): Promise<void> {
  const { agents } = HostPlanSchema.parse(JSON.parse(argument ?? ""));
  const { value: birth } = await readCommands(process.stdin, () => {}).next();
  const reach = birth?.type === "birth" ? birth.reach : undefined;
  await using reaper = new Reaper({ log: () => {} });
  const report: LoadReport = await Promise.all(agents.map(async (planned) => {
    const problem = await problemOf(planned, reach?.[planned.name], reaper);
    return { file: planned.file, ...(problem === undefined ? {} : { problem }) };
  }));
  console.log(JSON.stringify(report));
}

if (import.meta.main) {
  await main(Deno.args[0]);
  // A timer or a connection that a module left open would keep the process alive.
  Deno.exit(0);
}
